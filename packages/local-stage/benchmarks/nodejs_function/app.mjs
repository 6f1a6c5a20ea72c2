// The bare handler in Node.js: the least that a proxy integration takes.
const body = JSON.stringify({ message: "Hello AWS API Gateway!" });

export const handler = async () => ({ statusCode: 200, headers: { "Content-Type": "application/json" }, body });
