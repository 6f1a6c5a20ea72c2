// amazon-cognito-identity-js: sign-in by SRP.
//
// Set: endpoint of CognitoUserPool

import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";

import { given, requireToken } from "../given.mjs";

const pool = { UserPoolId: given.pool, ClientId: given.public_client, endpoint: given.aws };
const user = new CognitoUser({ Username: given.username, Pool: new CognitoUserPool(pool) });
const details = new AuthenticationDetails({ Username: given.username, Password: given.password });
const session = await new Promise((onSuccess, onFailure) => {
  user.authenticateUser(details, { onSuccess, onFailure });
});
await requireToken(session.getIdToken().getJwtToken());
