// aws-amplify: sign-in by SRP, and the session's token.
//
// Set: Auth.Cognito.userPoolEndpoint

import { Amplify } from "aws-amplify";
import { fetchAuthSession, signIn } from "aws-amplify/auth";

import { given, requireToken } from "../given.mjs";

const pool = { userPoolId: given.pool, userPoolClientId: given.public_client, userPoolEndpoint: given.aws };
Amplify.configure({ Auth: { Cognito: pool } });
const { isSignedIn } = await signIn({ username: given.username, password: given.password });
if (!isSignedIn) throw new Error("not signed in");
await requireToken((await fetchAuthSession()).tokens.idToken.toString());
