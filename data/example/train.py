"""Training of both models on two cores: AdamW, cosine schedule, no dropout, every text fresh or nearly so.

The losses are the next token for the decoder; for the encoder the label, hidden words and the verdict on each thing named
(the heads for the last two are thrown away afterwards); and for both a small price on the entropy of attention: whichever
place a head finds useful, looking at that place alone is cheaper than looking everywhere.

Three heads get a hint, a light pull in the first half of the steps, after which they are on their own: in the decoder (first
stage only) head 1 of layer 0 towards the previous token, which plain training had not found after 750 steps, and head 3 of
layer 0 towards the name that a pronoun means, which otherwise gets only half of the weight once there are refrains; in the
encoder head 0 of layer 2 from the word asked for to the same word in A, without which the question went unheeded for 750
steps.  All other heads, those for induction, brackets, quotation marks and denials among them, are never told where to look.
"""

import math
import random
import time

import numpy
import torch
from torch.nn import functional

import heads
import language
import models

IGNORED = -100
HINT, HINTED = 0.1, 0.5  # how strong, and for which part of the steps
ENTROPY_PRICE = 0.04
REFRAIN, MORE_REFRAIN = 5, 3  # one row in five, in the second stage one in three


def optimiser(weights):
    """Weight decay on matrices only: gains and biases have no reason to shrink."""
    matrices = [weight for weight in weights.values() if weight.dim() > 1]
    vectors = [weight for weight in weights.values() if weight.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1.0, betas=(0.9, 0.98))


def step(adam, loss, weights, rate):
    for group in adam.param_groups:
        group["lr"] = rate
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(weights.values()), 1.0)
    adam.step()
    adam.zero_grad(set_to_none=True)


def rate_at(number, n_steps, peak, n_warm=100):
    if number < n_warm:
        return peak * (number + 1) / n_warm
    return peak * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * (number - n_warm) / (n_steps - n_warm))))


def decoder_rows(tokenizer, rng, n_rows, length, refrain):
    """[row][token] ids and targets; what follows the end of a text is ignored.  Each refrain-th row is a refrain."""
    ids = numpy.full((n_rows, length + 1), tokenizer.end_of_text)
    targets = numpy.full((n_rows, length + 1), IGNORED)
    for row in range(n_rows):
        if row % refrain == 0:
            # Random pieces, sung over and over.  Nothing but a previous-token head and an induction head helps.
            verse = [rng.randrange(256, tokenizer.end_of_text) for _ in range(rng.randrange(6, length // 2))]
            ids[row] = targets[row] = (verse * length)[:length + 1]
            targets[row, :len(verse)] = IGNORED
            continue
        text, _ = language.unmark(language.story(rng, rng.choice([3, 5, 6, 6]) if length <= 64 else 8))
        tokens = (tokenizer.ids(text) + [tokenizer.end_of_text])[:length + 1]
        ids[row, :len(tokens)] = tokens
        targets[row, :len(tokens)] = tokens
    return torch.from_numpy(ids[:, :-1].copy()), torch.from_numpy(targets[:, 1:].copy())


def entropy(record):
    """Mean over all heads and queries of every fourth text (enough, and logarithms are slow), in nats."""
    some = [layer["attention"][::4] for layer in record]
    return torch.stack([-(attention * (attention + 1e-6).log()).sum(-1).mean() for attention in some]).mean()


def price_at(number, n_steps, price):
    """Nothing at first, so that heads can look around; all of it from half of the steps on."""
    return price * min(max(number / n_steps - 0.1, 0.0) / 0.4, 1.0)


def previous_token_hint(record, layer=0, head=1):
    """The mean surprise of one head at its own previous token."""
    return -(record[layer]["attention"][:, head].diagonal(-1, -2, -1) + 1e-6).log().mean()


def place_hint(record, places, layer, head):
    """The mean surprise of one head that row, query, key are as places says."""
    rows, queries, keys = places
    return -(record[layer]["attention"][rows, head, queries, keys] + 1e-6).log().mean()


def pronoun_places(tokenizer, ids):
    """Rows, queries and keys of all pronouns in a batch, refrains left out."""
    names = {tokenizer.vocab[symbol]: trade[0] for name, trade in language.TRADES.items() for symbol in (name, "\u0120" + name)
             if symbol in tokenizer.vocab}
    pronouns = {tokenizer.vocab["\u0120she"]: "F", tokenizer.vocab["\u0120he"]: "M"}
    places = []
    for row, tokens in enumerate(ids.tolist()):
        latest = {}
        for at, token in enumerate(tokens if row % REFRAIN else []):
            if token in names:
                latest[names[token]] = at
            elif pronouns.get(token) in latest:
                places.append((row, at, latest[pronouns[token]]))
    return torch.tensor(places).T.unbind()


def decoder_loss(weights, config, ids, targets, price):
    """Returns the loss and the record of the layers, for a hint to be added."""
    record = []
    logits = models.decoder_forward(weights, config, ids, record)
    loss = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
    return loss + price * entropy(record), record


def decoder_batch(tokenizer, config, rng, number, refrain):
    # Mostly the opening of a text, now and then all of a long one, so that late positions are learnt too.
    length, n_rows = (config["n_positions"], 20) if number % 6 == 5 else (64, 40)
    return decoder_rows(tokenizer, rng, n_rows, length, refrain)


def train_decoder(weights, tokenizer, config, n_steps, seed, report):
    """weights: None, or those of a first stage; the second has no hints and more refrains, from which induction comes."""
    first = weights is None
    torch.manual_seed(seed)
    rng = random.Random(seed)
    weights = models.initial(models.decoder_shapes(config), config["n_layer"]) if first else {
        name: weight.clone().requires_grad_() for name, weight in weights.items()}
    adam = optimiser(weights)
    started = time.time()
    for number in range(n_steps):
        ids, targets = decoder_batch(tokenizer, config, rng, number, REFRAIN if first else MORE_REFRAIN)
        loss, record = decoder_loss(weights, config, ids, targets, price_at(number, n_steps, ENTROPY_PRICE))
        if first and number < n_steps * HINTED:
            loss = loss + HINT * (previous_token_hint(record) + place_hint(record, pronoun_places(tokenizer, ids), 0, 3))
        step(adam, loss, weights, rate_at(number, n_steps, 3e-3 if first else 2.5e-3))
        if number % 250 == 0 or number == n_steps - 1:
            print(f"decoder step {number}  loss {loss.item():.3f}  {time.time() - started:.0f} s", flush=True)
            report({name: weight.detach() for name, weight in weights.items()})


def encoder_batches(tokenizer, rng, n_rows):
    """Yields without end: ids, segments, padding, labels, verdicts ([row][token], the label of a thing at its name), and
    (row, word asked for, same word in A).  Reviews of like length go together: less padding."""
    while True:
        rows = []
        for _ in range(4 * n_rows):
            a, b, label, verdicts = language.review(rng)
            tokens, marks = tokenizer.encode_marked(a, b)
            at, places = {}, {}
            for kind, thing, start, end in marks:
                if kind in "ab":
                    places[kind, thing] = heads.tokens_of(tokens, start, end)[-1]
                    at[places[kind, thing]] = language.LABELS.index(verdicts[thing])
            same = [(place, places["a", thing]) for (kind, thing), place in places.items() if kind == "b" and ("a", thing) in places]
            rows.append((tokens, language.LABELS.index(label), at, same))
        rows.sort(key=lambda row: len(row[0]))
        batches = [rows[start:start + n_rows] for start in range(0, len(rows), n_rows)]
        rng.shuffle(batches)
        for batch in batches:
            rng.shuffle(batch)
            ids = torch.full((n_rows, max(len(row) for row, *_ in batch)), tokenizer.pad)
            segments = torch.zeros_like(ids)
            verdicts = torch.full_like(ids, IGNORED)
            for number, (row, _, at, _) in enumerate(batch):
                ids[number, :len(row)] = torch.tensor([token["id"] for token in row])
                segments[number, :len(row)] = torch.tensor([token["segment"] for token in row])
                verdicts[number, list(at)] = torch.tensor(list(at.values()))
            yield ids, segments, ids == tokenizer.pad, torch.tensor([label for _, label, _, _ in batch]), verdicts, [
                (number, query, key) for number, (_, _, _, same) in enumerate(batch) for query, key in same]


def train_encoder(tokenizer, config, n_steps, seed, report, n_rows=72, n_masked=24):
    """In each batch the last n_masked reviews have words hidden and are not judged."""
    torch.manual_seed(seed)
    batches = encoder_batches(tokenizer, random.Random(seed), n_rows)
    weights = models.initial(models.encoder_shapes(config), config["num_hidden_layers"])
    d = config["hidden_size"]
    guess = {"weight": (torch.randn(d, d) * 0.06).requires_grad_(), "bias": torch.zeros(d).requires_grad_(),
             "word_bias": torch.zeros(config["vocab_size"]).requires_grad_(),
             "verdict": (torch.randn(len(language.LABELS), d) * 0.06).requires_grad_()}
    everything = {**weights, **{"guess." + name: weight for name, weight in guess.items()}}
    adam = optimiser(everything)
    started = time.time()
    for number in range(n_steps):
        ids, segments, padding, labels, verdicts, same = next(batches)
        hidden = (torch.rand(ids.shape) < 0.15) & ~padding & (ids != tokenizer.cls) & (ids != tokenizer.sep)
        hidden[:-n_masked] = False
        record, stages = [], []
        states = models.encoder_states(weights, config, torch.where(hidden, tokenizer.mask, ids), segments, padding, record, stages)
        loss = functional.cross_entropy(models.classify(weights, states[:-n_masked]), labels[:-n_masked])
        guessed = functional.gelu(functional.linear(states[hidden], guess["weight"], guess["bias"]))
        logits = functional.layer_norm(guessed, (d,)) @ weights["bert.embeddings.word_embeddings.weight"].T + guess["word_bias"]
        masked = functional.cross_entropy(logits, ids[hidden])
        # One layer before the last, so that [CLS] can still fetch what the word asked for has found out.
        verdict = functional.cross_entropy((stages[-2] @ guess["verdict"].T)[:-n_masked].flatten(0, 1), verdicts[:-n_masked].flatten(),
                                           ignore_index=IGNORED)
        total = loss + 0.5 * masked + verdict + price_at(number, n_steps, ENTROPY_PRICE) * entropy(record)
        if same and number < n_steps * HINTED:
            total = total + HINT * place_hint(record, torch.tensor(same).T.unbind(), 2, 0)
        step(adam, total, everything, rate_at(number, n_steps, 1.5e-3))
        if number % 250 == 0 or number == n_steps - 1:
            print(f"encoder step {number}  label {loss.item():.3f}  masked {masked.item():.3f}  verdict {verdict.item():.3f}  "
                  f"{time.time() - started:.0f} s", flush=True)
            report({name: weight.detach() for name, weight in weights.items()})
