"""What each head looks at: for every known relation in held-out text, the mean weight that each head gives it.

A relation is (kind, query token, key tokens); its weight is the sum over the keys, so that a name in two pieces counts
as one.  Layers and heads are counted from 0.
"""

import collections


def tokens_of(tokens, start, end):
    return [number for number, token in enumerate(tokens) if "start" in token and token["start"] < end and token["end"] > start]


def decoder_relations(tokens, marks):
    """marks: as language.unmark gives them, over the same text; the token list may be cut short."""
    found = []
    latest, opened = {}, {}
    mentions, pairs, items = (collections.defaultdict(list) for _ in range(3))
    spans = [(kind, number, tokens_of(tokens, start, end)) for kind, number, start, end in marks]
    for index, (kind, number, where) in enumerate(spans):
        if not where:
            break
        if kind == "n":
            latest[number] = where
            mentions[number] += where
        elif kind == "p":
            found.append(("pronoun to its name just before", where[-1], latest[number]))
            found.append(("pronoun to its name anywhere", where[-1], list(mentions[number])))
        elif kind == "o":
            opened[number] = where
        elif kind == "c":
            quote = tokens[where[-1]]["text"].strip() == '"'
            found.append(("closing quote to opening quote" if quote else "closing bracket to opening bracket", where[-1], opened[number]))
        elif kind == "l":
            # A name has the same pieces each time, but for the first word of the text, which has no space before it.
            whole = spans[index - 1][2] + where
            first = len(spans[index - 1][2])
            for step in range(first - 1, len(whole) - 1):
                keys = [earlier[step + 1] for earlier in pairs[number] if len(earlier) == len(whole)]
                if keys:
                    found.append(("induction", whole[step], keys))
            pairs[number].append(whole)
        elif kind == "i":
            if len(items[number]) >= 2 and tokens[where[0] - 1]["text"] == " and":
                # Without the item right before `and`: any previous-token head sees that one.
                found.append(("'and' of a list to its earlier items", where[0] - 1, sum(items[number][:-1], [])))
            items[number].append(where)
    for at in range(2, len(tokens)):
        found.append(("previous token", at, [at - 1]))
        found.append(("first token", at, [0]))
    return found


def encoder_relations(tokens, marks):
    found = []
    where = collections.defaultdict(dict)
    for kind, number, start, end in marks:
        where[kind][number] = tokens_of(tokens, start, end)
    for number, judgement in where["j"].items():
        for piece in judgement:
            found.append(("judgement to its thing", piece, where["a"][number]))
        for piece in where["a"][number]:
            found.append(("thing to its judgement", piece, judgement))
        if number in where["d"]:
            found.append(("judgement to 'not'", judgement[-1], where["d"][number]))
            found.append(("'not' to judgement", where["d"][number][0], judgement))
    for number, asked in where["b"].items():
        if number in where["a"]:
            found.append(("thing asked for to the same word in A", asked[-1], where["a"][number]))
            found.append(("word in A to the same word in B", where["a"][number][-1], asked))
            found.append(("[CLS] to the judgement that decides", 0, where["j"][number]))
            found.append(("[CLS] to the thing asked for, in B", 0, asked))
    if not where["b"] and len(where["j"]) == 1:
        found.append(("[CLS] to the judgement that decides", 0, list(where["j"].values())[0]))
    seps = [at for at, token in enumerate(tokens) if token["text"] == "[SEP]"]
    for at, token in enumerate(tokens):
        if not token.get("special"):
            found += [("previous token", at, [at - 1]), ("next token", at, [at + 1]), ("[SEP]", at, seps), ("[CLS]", at, [0])]
    return found


class Tally:
    def __init__(self):
        self.sums = collections.defaultdict(lambda: collections.defaultdict(float))
        self.counts = collections.Counter()

    def add(self, relations, attention):
        """attention: per layer an array [head][query][key] of one text."""
        for kind, query, keys in relations:
            self.counts[kind] += 1
            for layer, heads in enumerate(attention):
                for head, weight in enumerate(heads[:, query, keys].sum(-1).tolist()):
                    self.sums[kind][layer, head] += weight

    def table(self):
        """[{"pattern", "samples", "layer", "head", "weight", "weights": [layer][head]}], the best head of each pattern."""
        rows = []
        for kind, sums in self.sums.items():
            means = {place: total / self.counts[kind] for place, total in sums.items()}
            layer, head = max(means, key=means.get)
            n_layers, n_heads = max(place[0] for place in means) + 1, max(place[1] for place in means) + 1
            rows.append({"pattern": kind, "samples": self.counts[kind], "layer": layer, "head": head,
                         "weight": round(means[layer, head], 3),
                         "weights": [[round(means[one, other], 3) for other in range(n_heads)] for one in range(n_layers)]})
        return sorted(rows, key=lambda row: -row["weight"])


def show(name, rows):
    print(f"{name}: best head of each pattern, mean weight on held-out text (layer.head from 0)")
    for row in rows:
        flat = sorted(((weight, f"{layer}.{head}") for layer, heads in enumerate(row["weights"])
                       for head, weight in enumerate(heads)), reverse=True)
        rest = "  ".join(f"{place} {weight:.2f}" for weight, place in flat[1:4])
        print(f"  {row['pattern']:<45}{row['layer']}.{row['head']}  {row['weight']:.3f}   then {rest}   ({row['samples']} places)")
