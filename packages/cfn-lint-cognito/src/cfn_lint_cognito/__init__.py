"""Rules for cfn-lint: Cognito user pools, and REST APIs behind them, in SAM and CloudFormation templates.

    pip install ./cfn_lint_cognito
    cfn-lint template.yaml -a cfn_lint_cognito.rules

cfn-lint 1.54 and later do not run the SAM transform: they merge `Globals` into the resources and show the
template otherwise as it is written. So every rule looks at the source, and judges `AWS::Serverless::Api` and
the events of functions as well as the `AWS::ApiGateway` types of plain CloudFormation. HTTP APIs are not.

A rule judges every value that a property can be known to take: both sides of `Fn::If`, the default of a
parameter, the entries of a mapping. What only the deployment will tell is not judged.
"""
