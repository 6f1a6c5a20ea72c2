"""The page docs/rules.md, made of the rules and of the templates that their tests run them on.

The page's first line has the command that makes it.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cfn_lint_cognito.pack import RULES
from cfn_lint_cognito.rule import Rule

HEAD: Final = """\
<!-- Made by `python3.13 -m cfn_lint_cognito.rule_document tests/rules/templates > docs/rules.md`. -->
# Rules for Cognito in CloudFormation

No offline checker knows user pools, or what a REST API with a Cognito authorizer has to look like. The
package `cfn-lint-cognito` is a pack of rules for
[cfn-lint](https://github.com/aws-cloudformation/cfn-lint) 1.54 and later, which needs nothing else of
this repository. `make lint-template` runs it on `template.yaml`. For your own templates install the
package's folder beside cfn-lint, in Python 3.12 or newer:

```sh
pip install ./cfn-lint-cognito
cfn-lint template.yaml --append-rules cfn_lint_cognito.rules
```

The template stands first, or behind `--template`: `--append-rules` takes every name that follows it.

**E** is an error: AWS refuses the template, browsers or users cannot get in, or everybody can. **W** is
a weakness.

**What is judged.** The template as it is written, with `Globals` merged into it, SAM's resources and
those of plain CloudFormation alike; of REST APIs only those with a Cognito authorizer, and by
[E9531](#e9531) and [W9543](#w9543) also those that have none beside a user pool of the same template. HTTP
APIs are judged by [E9551](#e9551) and [E9552](#e9552) as far as events and resources write their routes, and
Lambda authorizers of both by [W9553](#w9553). Of a value every branch is judged that can be known: both sides
of `Fn::If`, a parameter's default, every entry of a mapping whose key is open, texts as far as they are
known. What only the deployment tells is not judged. Conditions belong together: a lifetime under one
condition is read with the unit under the same one.

**What is production.** Some rules ask for more in production than elsewhere. A template knows production
where a parameter can be `prod`, `production`, `prd` or `live` (alone, or before `-`, `_` or `.`): among
its allowed values, by default, or because a condition compares it with that. Then its conditions and
mappings are decided for that value, other parameters having their defaults. A template that knows no
production has decided as soon as it distinguishes.

**To ignore a rule** for one resource, give its Metadata the rule and the reason:

```yaml
    Metadata:
      cfn-lint: {config: {ignore_checks: [W9504]}} # machines only, nobody signs in
```

The same in the template's own Metadata ignores it everywhere, and is the only way for outputs. Methods
that are meant to be open are listed once, by verb and path; see [E9531](#e9531).
"""
IN_PUBLIC: Final = """\
## In public templates

On 2026-11-29 the pack was run over 58 public SAM templates that protect an API with a user pool, most of
them gathered as [local-stage's page of them](../../local-stage/docs/templates.md) says. It found 311 things
in 49 of them. All that E9531, E9532, E9551 and W9533 found was compared with what AWS's SAM translator
makes of each template, but for two templates that AWS refuses; all that E9536, W9543 and E9507 found was
read; of the others a part of each kind. None was a false alarm.

| rule | findings | templates |
|---|---|---|
| [E9507](#e9507) | 1 | 1 |
| [E9531](#e9531) | 46 | 15 |
| [E9532](#e9532) | 3 | 3 |
| [E9536](#e9536) | 12 | 12 |
| [E9551](#e9551) | 12 | 10 |
| [W9501](#w9501) | 33 | 33 |
| [W9502](#w9502) | 64 | 32 |
| [W9503](#w9503) | 31 | 31 |
| [W9504](#w9504) | 31 | 31 |
| [W9511](#w9511) | 29 | 28 |
| [W9513](#w9513) | 6 | 6 |
| [W9514](#w9514) | 19 | 19 |
| [W9533](#w9533) | 22 | 22 |
| [W9543](#w9543) | 1 | 1 |

What a template includes from another file (`AWS::Include`, `DefinitionUri`) is not read.
"""
CONTEXT: Final = 2
"""Lines that are shown around a difference."""


def build_document(examples: Path) -> str:
    """Return the page. `examples` has for each rule a folder of its id with `good.yaml` and `bad.yaml`."""
    lead = "In the examples `-` is what a rule finds, `+` what is right."
    sections = (_section(rule, examples / rule.id) for rule in RULES)
    return "\n".join([HEAD, _table(), "", IN_PUBLIC, lead, "", *sections])


def _table() -> str:
    rows = [f"| [{rule.id}](#{rule.id.lower()}) | {rule.title} | {rule.why} |" for rule in RULES]
    return "\n".join(["| rule | what is right | why |", "|---|---|---|", *rows])


def _section(rule: Rule, folder: Path) -> str:
    bad, good = ((folder / name).read_text().splitlines() for name in ("bad.yaml", "good.yaml"))
    difference = "\n".join(_changed_lines(bad, good)).lstrip("\n")
    text = f"{rule.title}. Looks at {rule.looks_at}. [Source]({rule.source})"
    return f"## {rule.id}\n\n{text}\n\n```text\n{difference}\n```\n"


def _changed_lines(bad: list[str], good: list[str]) -> Iterator[str]:
    hunks = difflib.unified_diff(bad, good, n=CONTEXT, lineterm="")
    lines = [line for line in hunks if not line.startswith(("---", "+++"))]
    for line in lines[1:]:
        yield " …" if line.startswith("@@") else line.rstrip()


if __name__ == "__main__":
    sys.stdout.write(build_document(Path(sys.argv[1])))
