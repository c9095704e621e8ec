#!/usr/bin/env python3
"""Makes the embedded example again: make.py [decoder] [decoder2] [encoder] [dumps]; all by default.

decoder2 is the decoder's second stage alone, from the model as it lies in the folder.  The seed is fixed; another version
of torch or of its BLAS rounds differently and so ends with slightly different weights.
"""

import pathlib
import random
import sys

import torch

import dumps
import heads
import language
import models
import subwords
import tensorfile
import train

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20
DECODER_STEPS, DECODER_STEPS_MORE = 1400, 700
ENCODER_STEPS = 1600
N_HELD_OUT = 300


def tokenizers():
    """Both tokenizers are learnt again from the same texts each time; that takes seconds."""
    rng = random.Random(SEED)
    stories = [language.unmark(language.story(rng, 5))[0] for _ in range(4000)]
    reviews = [language.review(rng) for _ in range(4000)]
    texts = [language.unmark(text)[0] for a, b, _, _ in reviews for text in (a, b) if text]
    return subwords.ByteLevelBPE(stories, models.DECODER["vocab_size"]), subwords.WordPiece(texts, 384)


def held_out_decoder(weights, config, tokenizer, n_texts=N_HELD_OUT):
    """Returns the mean loss of a token and the table of heads, over texts of another seed."""
    rng = random.Random(SEED + 1)
    tally, total, n_tokens = heads.Tally(), 0.0, 0
    for _ in range(n_texts):
        text, marks = language.unmark(language.story(rng, 4))
        tokens = tokenizer.encode(text)[:config["n_positions"]]
        ids = torch.tensor([[token["id"] for token in tokens]])
        record = []
        with torch.no_grad():
            logits = models.decoder_forward(weights, config, ids, record)
        total += torch.nn.functional.cross_entropy(logits[0, :-1], ids[0, 1:], reduction="sum").item()
        n_tokens += len(tokens) - 1
        tally.add(heads.decoder_relations(tokens, marks), [layer["attention"][0].numpy() for layer in record])
    return total / n_tokens, tally.table()


def held_out_encoder(weights, config, tokenizer, n_texts=4 * N_HELD_OUT):
    """Returns the share of right labels and the table of heads, over reviews of another seed."""
    rng = random.Random(SEED + 1)
    tally, n_right = heads.Tally(), 0
    for _ in range(n_texts):
        a, b, label, _ = language.review(rng)
        tokens, marks = tokenizer.encode_marked(a, b)
        logits, record = dumps.run_encoder(weights, config, tokens)
        n_right += language.LABELS[logits.argmax()] == label
        tally.add(heads.encoder_relations(tokens, marks), [layer["attention"][0].numpy() for layer in record])
    return n_right / n_texts, tally.table()


def save_model(name, tokenizer, config, weights, length):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    subwords.write_json(folder / "config.json", config)
    tokenizer.save(folder, length)
    halves = {key: weight.half().numpy() for key, weight in weights.items()}
    tensorfile.write(folder / "model.safetensors", halves, {"format": "pt"})


def load_model(name):
    """What is shipped is what is measured and dumped: half precision, read back from the file, computed in single."""
    tensors, _ = tensorfile.read(HERE / name / "model.safetensors")
    return {key: torch.from_numpy(array.astype("float32")) for key, array in tensors.items()}


def main(parts):
    bpe, wordpiece = tokenizers()
    decoder, encoder = models.DECODER, models.ENCODER
    assert (len(bpe.symbols), len(wordpiece.symbols)) == (decoder["vocab_size"], encoder["vocab_size"])

    def report_decoder(weights):
        loss, table = held_out_decoder(weights, decoder, bpe, 40)
        print(f"  held-out loss {loss:.3f}")
        heads.show("  decoder", table)
        save_model("decoder", bpe, decoder, weights, decoder["n_positions"])

    if "decoder" in parts:
        train.train_decoder(None, bpe, decoder, DECODER_STEPS, SEED, report_decoder)
    if "decoder" in parts or "decoder2" in parts:
        train.train_decoder(load_model("decoder"), bpe, decoder, DECODER_STEPS_MORE, SEED + 2, report_decoder)
    if "encoder" in parts:
        def report_encoder(weights):
            accuracy, table = held_out_encoder(weights, encoder, wordpiece, 200)
            print(f"  held-out accuracy {accuracy:.3f}")
            heads.show("  encoder", table)
            save_model("encoder", wordpiece, encoder, weights, encoder["max_position_embeddings"])

        train.train_encoder(wordpiece, encoder, ENCODER_STEPS, SEED, report_encoder)
    if "dumps" in parts:
        weights = load_model("decoder"), load_model("encoder")
        loss, decoder_table = held_out_decoder(weights[0], decoder, bpe)
        accuracy, encoder_table = held_out_encoder(weights[1], encoder, wordpiece)
        heads.show(f"decoder, held-out loss {loss:.3f} per token", decoder_table)
        heads.show(f"encoder, held-out accuracy {accuracy:.4f}", encoder_table)
        subwords.write_json(HERE / "heads.json", {
            "counted_from": 0, "decoder": {"held_out_loss": round(loss, 4), "heads": decoder_table},
            "encoder": {"held_out_accuracy": round(accuracy, 4), "heads": encoder_table}})
        induction = next(row for row in decoder_table if row["pattern"] == "induction")
        dumps.write_decoder(HERE / "decoder.safetensors", weights[0], decoder, bpe, induction)
        dumps.write_encoder(HERE / "encoder.safetensors", weights[1], encoder, wordpiece)
        subwords.write_json(HERE / "reference.json", dumps.reference(weights, (decoder, encoder), (bpe, wordpiece)))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(sys.argv[1:] or ["decoder", "encoder", "dumps"])
