"""No output shows a secret."""

from __future__ import annotations

import pytest

from tests.pack.found import find_messages, find_paths, read

PARAMETERS = "Parameters: {Password: {Type: String, NoEcho: true}, Name: {Type: String}}"


@pytest.mark.parametrize(
    "value",
    [
        "!GetAtt Client.ClientSecret",
        "{'Fn::GetAtt': Client.ClientSecret}",
        "!Sub 'secret=${Client.ClientSecret}'",
        "!Sub ['${S}', {S: !GetAtt Client.ClientSecret}]",
        "!If [IsLeft, !GetAtt Client.ClientSecret, none]",
        "!Join ['', [a, !Ref Password]]",
        "!Sub '${Password}'",
    ],
)
def test_a_secret_is_found_wherever_it_hides(value: str) -> None:
    (path,) = find_paths("E9541", read(f"{PARAMETERS}\nOutputs: {{Shown: {{Value: {value}}}}}"))
    assert path[:3] == ("Outputs", "Shown", "Value")


@pytest.mark.parametrize(
    "value", ["!Ref Client", "!GetAtt Client.ClientId", "!Ref Name", "!Sub '${!Password}'"]
)
def test_what_everybody_may_know_is_right(value: str) -> None:
    assert find_paths("E9541", read(f"{PARAMETERS}\nOutputs: {{Shown: {{Value: {value}}}}}")) == []


def test_the_message_names_output_and_secret() -> None:
    source = read(f"{PARAMETERS}\nOutputs: {{Shown: {{Value: !Ref Password}}}}")
    assert find_messages("E9541", source) == [
        "The output Shown shows Password to everybody who may see the stack"
    ]
