"""AWS CloudFormation: the template, its intrinsic functions and the stack in the local AWS."""
