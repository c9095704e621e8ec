"""The dumps that Headlight opens: sentences chosen to show the heads, and a reference to test an inference engine by.

A dump is one safetensors file, F32:

    instances.N.attention.L  [head][query][key]
    instances.N.queries.L, .keys.L, .values.L  [head][token][dimension of the head]
    __metadata__  headlight.version, title, and per instance title, text, tokens, model, kind, causal, scale, classes, label
"""

import json

import numpy
import torch

import language
import models
import tensorfile

# The first is what a fresh start opens.  Rare names that are to be seen split are ones the tokenizer never met.
STORIES = [
    ("A cat, a friend and some bread",
     "At dusk the cat (a friend of Vexa Tolm) purred, and Vexa Tolm thanked Mary because she baked bread."),
    ("Two pronouns",
     "In the garden John gave Clara the lantern because she sewed coats, and he grew apples."),
    ("A name in pieces",
     "Yesterday Drizi Skub met Orla Brim, and Orla Brim gave Drizi Skub the key."),
    ("Brackets within brackets",
     "Today the old wolf (a friend of the duck [not the cow] and the owl) howled at Peter."),
    ("A quotation",
     'On Sunday Emma whispered "the soup is not good" softly, and Felix laughed "Emma joked at Tom" happily.'),
    ("A shopping list",
     "At the market Pell Thorn bought apples, pears, plums and figs, and the goose honked at Pell Thorn."),
]
REVIEWS = [
    ("Two judgements, one question", "The soup was lovely, but the bread was not fresh.", "How was the bread?", "negative"),
    ("Denied twice", "The waiter was not unfriendly, and the view was not dull.", None, "positive"),
    ("Words in pieces", "The song was joyless, while the juggler seemed really graceful.", "What about the juggler?", "positive"),
    ("Nobody said", "Mary praised the cake; the tea was cold.", "Was the museum any good?", "neutral"),
    ("Only a colour", "The boat was green, but I hated the lamp.", "And the boat?", "neutral"),
    ("Plainly bad", "The hotel was very shabby.", None, "negative"),
]


def run_decoder(weights, config, tokens):
    """Returns the logits [token][vocabulary] and the record of each layer."""
    record = []
    with torch.no_grad():
        logits = models.decoder_forward(weights, config, torch.tensor([[token["id"] for token in tokens]]), record)
    return logits[0], record


def run_encoder(weights, config, tokens):
    """Returns the logits of the classes and the record of each layer."""
    ids = torch.tensor([[token["id"] for token in tokens]])
    segments = torch.tensor([[token["segment"] for token in tokens]])
    record = []
    with torch.no_grad():
        states = models.encoder_states(weights, config, ids, segments, torch.zeros_like(ids, dtype=torch.bool), record)
        return models.classify(weights, states)[0], record


def check(layer, scale, causal):
    """Queries and keys must give back the attention, since Headlight may well compute it from them."""
    scores = (layer["queries"] @ layer["keys"].transpose(0, 2, 1)).astype("float64") * scale
    if causal:
        scores[:, ~numpy.tri(scores.shape[1], dtype=bool)] = -numpy.inf
    scores = numpy.exp(scores - scores.max(-1, keepdims=True))
    difference = abs(scores / scores.sum(-1, keepdims=True) - layer["attention"]).max()
    assert difference < 1e-5, f"attention and softmax (q k scale) differ by {difference}"


class Dump:
    def __init__(self, title):
        self.metadata = {"headlight.version": "1", "title": title}
        self.tensors = {}
        self.n_instances = 0

    def add(self, title, text, tokens, record, kind, name, **more):
        prefix = f"instances.{self.n_instances}."
        causal = kind == "decoder"
        head_dim = record[0]["queries"].shape[-1]
        scale = head_dim ** -0.5
        for number, layer in enumerate(record):
            layer = {part: tensor[0].contiguous().numpy() for part, tensor in layer.items()}
            check(layer, scale, causal)
            for part, array in layer.items():
                self.tensors[f"{prefix}{part}.{number}"] = array
        for token in tokens:
            assert token.get("special") or text[token["start"]:token["end"]].lower() == token["text"].strip().removeprefix("##").lower()
        self.metadata |= {prefix + key: value for key, value in {
            "title": title, "text": text, "tokens": json.dumps(tokens, ensure_ascii=False), "model": name, "kind": kind,
            "causal": "true" if causal else "false", "scale": repr(scale), **more}.items()}
        self.n_instances += 1

    def write(self, path):
        tensorfile.write(path, self.tensors, self.metadata)
        print(f"{path.name}: {self.n_instances} instances, {path.stat().st_size} bytes")


def write_decoder(path, weights, config, tokenizer, shown):
    """`shown` is the head that a fresh start shows, as {"layer", "head"}: with it, the last rare name that comes again is pinned."""
    dump = Dump("Little stories, read by a small GPT-2")
    for number, (title, text) in enumerate(STORIES):
        tokens = [{**token, "segment": 0} for token in tokenizer.encode(text)]
        _, record = run_decoder(weights, config, tokens)
        wishes = {}
        if number == 0:
            query = max(i for i, token in enumerate(tokens) if token["text"] == " Vexa")
            wishes = {"metadata.layer": str(shown["layer"]), "metadata.head": str(shown["head"]), "metadata.query": str(query)}
        dump.add(title, text, tokens, record, "decoder", "Headlight example decoder", **wishes)
    dump.write(path)


def write_encoder(path, weights, config, tokenizer):
    dump = Dump("Little reviews, judged by a small BERT")
    for title, a, b, label in REVIEWS:
        tokens = tokenizer.encode_pair(a, b)
        logits, record = run_encoder(weights, config, tokens)
        probabilities = logits.softmax(-1).tolist()
        classes = [{"name": name, "probability": round(probability, 6)} for name, probability in zip(language.LABELS, probabilities)]
        print(f"  {title}: {label}, judged {classes}")
        dump.add(title, a if b is None else f"{a}\n{b}", tokens, record, "encoder", "Headlight example encoder",
                 classes=json.dumps(classes), label=label)
    dump.write(path)


def reference(weights, configs, tokenizers):
    """What torch computes for one input of each model, from the weights as shipped."""
    text = STORIES[0][1].removesuffix(" bread.")
    tokens = tokenizers[0].encode(text)
    logits, _ = run_decoder(weights[0], configs[0], tokens)
    values, best = logits[-1].topk(5)
    probabilities = logits[-1].softmax(-1)
    decoder = {"text": text, "ids": [token["id"] for token in tokens],
               "next": [{"id": number, "text": tokenizers[0].show(number), "logit": value, "probability": probabilities[number].item()}
                        for value, number in zip(values.tolist(), best.tolist())]}
    _, a, b, label = REVIEWS[0]
    tokens = tokenizers[1].encode_pair(a, b)
    logits, _ = run_encoder(weights[1], configs[1], tokens)
    encoder = {"text": [a, b], "ids": [token["id"] for token in tokens], "token_type_ids": [token["segment"] for token in tokens],
               "classes": language.LABELS, "logits": logits.tolist(), "label": label}
    return {"decoder": decoder, "encoder": encoder}
