"""The official JavaScript client against the app on the loopback; skipped where node is missing."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.chats import QUESTION, chat_app, chat_data
from support.fake_encoder import BagOfWordsEncoder
from support.server import serving

FOLDER = Path(__file__).resolve().parents[1] / "node"
ANSWER = "Debris in low orbit endangers every active satellite."


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is missing")
    if not (FOLDER / "node_modules" / "openai").is_dir():
        pytest.skip(f"the client is missing: run 'npm ci' in {FOLDER}, as `make test` does")
    data = chat_data(tmp_path_factory.mktemp("data"))
    with serving(chat_app(data)) as client:
        url = str(client.base_url).rstrip("/")
        command = [node, "openai.mjs", url, QUESTION]
        run = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_the_javascript_client_lists_the_models(told: Any) -> None:
    assert told["models"] == ["sextant", "sextant-search", "bag-of-words"]


def test_the_javascript_client_chats_and_streams(told: Any) -> None:
    message = told["message"]
    cited = message["annotations"][0]["url_citation"]
    assert message["content"][cited["start_index"] : cited["end_index"]] == ANSWER
    assert told["streamed"] == told["accumulated"] == message["content"]


def test_the_javascript_client_reads_responses(told: Any) -> None:
    assert told["response"] == told["message"]["content"]
    assert told["events"][0] == "response.created"
    assert told["events"][-1] == "response.completed"


def test_the_javascript_client_embeds(told: Any) -> None:
    expected = BagOfWordsEncoder().encode_passages(["Debris in low orbit"])[0]
    np.testing.assert_array_equal(np.array(told["vector"], dtype=np.float32), expected)


def test_the_javascript_client_knows_the_errors(told: Any) -> None:
    assert told["refused"] == {"name": "BadRequestError", "status": 400, "param": "n"}
