// cognito-srp-helper: sign-in by SRP with the AWS SDK for JavaScript.
//
// Set: endpoint of the SDK's client

import {
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { createSrpSession, signSrpSession, wrapAuthChallenge, wrapInitiateAuth } from "cognito-srp-helper";

import { given, requireToken } from "../given.mjs";

const cognito = new CognitoIdentityProviderClient({ region: given.region, endpoint: given.aws });
const client = { ClientId: given.public_client };
const session = createSrpSession(given.username, given.password, given.pool, false);
const start = { ...client, AuthFlow: "USER_SRP_AUTH", AuthParameters: { CHALLENGE_NAME: "SRP_A", USERNAME: given.username } };
const challenge = await cognito.send(new InitiateAuthCommand(wrapInitiateAuth(session, start)));
const signed = signSrpSession(session, challenge);
const answer = { ...client, ChallengeName: "PASSWORD_VERIFIER", ChallengeResponses: { USERNAME: given.username } };
const done = await cognito.send(new RespondToAuthChallengeCommand(wrapAuthChallenge(signed, answer)));
await requireToken(done.AuthenticationResult.IdToken);
