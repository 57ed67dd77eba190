"""History: a round trip through JSON, and what it says of itself."""

import json
from dataclasses import replace

from lessonconv import nn

EPOCHS = [nn.Epoch(1, 0.75, 0.5, 0.7, 0.625, 0.1, 2.5), nn.Epoch(2, 0.1 + 0.2, 1 / 3, None, None, 1e-300, 3.0)]
HISTORY = nn.History(EPOCHS, "Stopped in epoch 3 after 4 of 5 steps.", 4, 2 / 3, 17)


def test_json_keeps_every_number_to_the_last_bit() -> None:
    text = json.dumps(HISTORY.to_dict(), allow_nan=False)
    read = nn.History.from_dict(json.loads(text))
    assert read == HISTORY
    assert [epoch.seconds for epoch in read.epochs] == [2.5, 3.0]
    assert all(isinstance(epoch, nn.Epoch) for epoch in read.epochs)


def test_an_empty_history_makes_the_round_trip_too() -> None:
    assert nn.History.from_dict(json.loads(json.dumps(nn.History().to_dict()))) == nn.History()


def test_two_histories_share_nothing() -> None:
    nn.History().epochs.append(EPOCHS[0])
    assert nn.History().epochs == []
    values = HISTORY.to_dict()
    values["epochs"][0]["loss"] = 9
    assert HISTORY.epochs[0].loss == 0.75


def test_how_long_it_took_does_not_tell_two_histories_apart() -> None:
    slower = replace(EPOCHS[0], seconds=100.0)
    assert slower == EPOCHS[0]
    assert replace(EPOCHS[0], loss=0.7) != EPOCHS[0]


def test_a_history_describes_itself() -> None:
    assert repr(nn.History()) == "History(0 finished epochs)"
    assert "loss 0.7500, accuracy 50.0%, test accuracy 62.5%" in repr(nn.History(EPOCHS[:1]))
    assert repr(HISTORY) == "History(2 finished epochs, loss 0.3000, accuracy 33.3%, stopped early)"
