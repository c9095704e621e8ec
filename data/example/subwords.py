"""The two tokenizers: byte-level BPE for the decoder, WordPiece for the encoder; learning, encoding, Hugging Face files.

Every encoder returns tokens as dicts: text, id, start, end (characters of the input), word.
"""

import collections
import json
import re
import unicodedata

import language

# GPT-2's split, with Python's classes for \p{L} and \p{N}.
GPT2_SPLIT = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:_|[^\s\w])+|\s+(?!\S)|\s+")
END_OF_TEXT = "<|endoftext|>"
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def byte_letters():
    """GPT-2 writes each byte as one printable character: itself if printable, else the next free one from U+0100."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    letters, spare = {}, 0x100
    for byte in range(256):
        if byte in printable:
            letters[byte] = chr(byte)
        else:
            letters[byte] = chr(spare)
            spare += 1
    return letters


def learn_merges(counts, n_merges):
    """counts: {tuple of symbols: how often}.  The most frequent pair first; ties go to the alphabetically first pair."""
    words = dict(counts)
    merges = []
    for _ in range(n_merges):
        pairs = collections.Counter()
        for word, count in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += count
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        merged = {}
        for word, count in words.items():
            if best[0] in word:
                word = merge(word, best)
            merged[word] = merged.get(word, 0) + count
        words = merged
    return merges


def joined(pair):
    return pair[0] + pair[1].removeprefix("##")


def merge(word, pair):
    out, at = [], 0
    while at < len(word):
        if word[at:at + 2] == pair:
            out.append(joined(pair))
            at += 2
        else:
            out.append(word[at])
            at += 1
    return tuple(out)


class ByteLevelBPE:
    def __init__(self, texts, vocab_size):
        self.letters = byte_letters()
        self.bytes = {letter: byte for byte, letter in self.letters.items()}
        counts = collections.Counter(piece for text in texts for piece in GPT2_SPLIT.findall(text))
        self.merges = learn_merges({tuple(self.spell(piece)): count for piece, count in counts.items()}, vocab_size - 257)
        # Ids in GPT-2's order: printable bytes, the other bytes, merges, the end of text.
        base = sorted(self.letters.values(), key=lambda letter: (ord(letter) >= 0x100, ord(letter)))
        symbols = base + [joined(pair) for pair in self.merges] + [END_OF_TEXT]
        self.vocab = {symbol: number for number, symbol in enumerate(symbols)}
        self.symbols = symbols
        self.ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        self.end_of_text = self.vocab[END_OF_TEXT]
        self.cache = {}

    def spell(self, piece):
        return [self.letters[byte] for byte in piece.encode()]

    def split(self, piece):
        if piece not in self.cache:
            word = tuple(self.spell(piece))
            while len(word) > 1:
                pair = min(zip(word, word[1:]), key=lambda pair: self.ranks.get(pair, len(self.ranks)))
                if pair not in self.ranks:
                    break
                word = merge(word, pair)
            self.cache[piece] = word
        return self.cache[piece]

    def ids(self, text):
        return [self.vocab[symbol] for piece in GPT2_SPLIT.findall(text) for symbol in self.split(piece)]

    def encode(self, text):
        assert text.isascii(), "one byte is one character only in ASCII, and the toy language is ASCII"
        tokens = []
        for word, match in enumerate(GPT2_SPLIT.finditer(text)):
            at = match.start()
            for symbol in self.split(match.group()):
                shown = self.show(self.vocab[symbol])
                # The space belongs to the token but not to its span, so that a mark over the span touches letters only.
                space = len(shown) - len(shown.lstrip(" ")) if shown.strip() else 0
                tokens.append({"text": shown, "id": self.vocab[symbol], "start": at + space, "end": at + len(shown), "word": word})
                at += len(shown)
        return tokens

    def show(self, number):
        symbol = self.symbols[number]
        if number == self.end_of_text:
            return symbol
        return bytes(self.bytes[letter] for letter in symbol).decode(errors="replace")

    def save(self, folder, length):
        level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
        write_json(folder / "vocab.json", self.vocab, indent=None)
        (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in self.merges), encoding="utf-8")
        write_json(folder / "tokenizer.json", {
            "version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [added(self.end_of_text, END_OF_TEXT)],
            "normalizer": None, "pre_tokenizer": level, "post_processor": {**level, "trim_offsets": False}, "decoder": level,
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "",
                      "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": self.vocab,
                      "merges": [f"{a} {b}" for a, b in self.merges]}})
        names = {key: END_OF_TEXT for key in ("bos_token", "eos_token", "unk_token")}
        write_json(folder / "special_tokens_map.json", names)
        write_json(folder / "tokenizer_config.json", {
            "add_prefix_space": False, "added_tokens_decoder": {str(self.end_of_text): without_id(added(self.end_of_text, END_OF_TEXT))},
            "clean_up_tokenization_spaces": False, "model_max_length": length, "tokenizer_class": "GPT2Tokenizer", **names})


# A stem and its ending are learnt apart, so that the pieces say something: taste ##less, friend ##ly.
ENDINGS = ("less", "ful", "ly")


class WordPiece:
    def __init__(self, texts, vocab_size):
        counts = collections.Counter()
        for text in texts:
            for start, end in self.words(text):
                word = text[start:end].lower()
                ending = next((ending for ending in ENDINGS if word.endswith(ending) and len(word) > len(ending) + 2), "")
                stem = word[:len(word) - len(ending)]
                inner = ""
                if stem.startswith("un") and ending:
                    stem, inner = "un", stem[2:]
                counts[(stem[0], *("##" + letter for letter in stem[1:]))] += 1
                for rest in (inner, ending):
                    if rest:
                        counts[tuple("##" + letter for letter in rest)] += 1
        ascii_signs = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
        base = SPECIALS + ascii_signs + ["##" + sign for sign in ascii_signs if sign.isalnum()]
        merged = [joined(pair) for pair in learn_merges(counts, vocab_size - len(base))]
        self.symbols = base + list(dict.fromkeys(merged))
        self.vocab = {symbol: number for number, symbol in enumerate(self.symbols)}
        self.cls, self.sep, self.pad, self.mask = (self.vocab[name] for name in ("[CLS]", "[SEP]", "[PAD]", "[MASK]"))
        self.cache = {}

    @staticmethod
    def words(text):
        """BertPreTokenizer for text without ideographs: runs of non-space, each punctuation sign by itself."""
        return [match.span() for match in re.finditer(r"[^\W_]+|[^\w\s]|_", text)]

    def split(self, word):
        if word not in self.cache:
            pieces, at = [], 0
            while at < len(word):
                for end in range(len(word), at, -1):
                    piece = ("##" if at else "") + word[at:end]
                    if piece in self.vocab:
                        break
                else:
                    pieces = None
                    break
                pieces.append((piece, at, end))
                at = end
            self.cache[word] = pieces if pieces is not None else [("[UNK]", 0, len(word))]
        return self.cache[word]

    def encode(self, text):
        tokens = []
        for number, (start, end) in enumerate(self.words(text)):
            for piece, left, right in self.split(unicodedata.normalize("NFC", text[start:end].lower())):
                tokens.append({"text": piece, "id": self.vocab[piece], "start": start + left, "end": start + right, "word": number})
        return tokens

    def encode_pair(self, a, b=None):
        """[CLS] a [SEP], or [CLS] a [SEP] b [SEP]; in spans the two texts stand one after the other with one newline between."""
        def special(name, segment):
            return {"text": name, "id": self.vocab[name], "segment": segment, "special": True}

        first = self.encode(a)
        tokens = [special("[CLS]", 0), *({**token, "segment": 0} for token in first), special("[SEP]", 0)]
        if b is not None:
            words = first[-1]["word"] + 1
            for token in self.encode(b):
                tokens.append({**token, "start": token["start"] + len(a) + 1, "end": token["end"] + len(a) + 1,
                               "word": token["word"] + words, "segment": 1})
            tokens.append(special("[SEP]", 1))
        return tokens

    def encode_marked(self, a, b=None):
        """Tokens of one or two marked texts, and the marks with places as in encode_pair."""
        a, marks = language.unmark(a)
        if b is None:
            return self.encode_pair(a), marks
        b, more = language.unmark(b)
        shift = len(a) + 1
        return self.encode_pair(a, b), marks + [(kind, number, start + shift, end + shift) for kind, number, start, end in more]

    def save(self, folder, length):
        (folder / "vocab.txt").write_text("".join(symbol + "\n" for symbol in self.symbols), encoding="utf-8")

        def piece(name, segment):
            return {"SpecialToken": {"id": name, "type_id": segment}}

        def sequence(name, segment):
            return {"Sequence": {"id": name, "type_id": segment}}

        write_json(folder / "tokenizer.json", {
            "version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [added(self.vocab[name], name) for name in SPECIALS],
            "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
                           "lowercase": True},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [piece("[CLS]", 0), sequence("A", 0), piece("[SEP]", 0)],
                "pair": [piece("[CLS]", 0), sequence("A", 0), piece("[SEP]", 0), sequence("B", 1), piece("[SEP]", 1)],
                "special_tokens": {name: {"id": name, "ids": [self.vocab[name]], "tokens": [name]} for name in ("[CLS]", "[SEP]")}},
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                      "vocab": self.vocab}})
        names = {"cls_token": "[CLS]", "mask_token": "[MASK]", "pad_token": "[PAD]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
        write_json(folder / "special_tokens_map.json", names)
        write_json(folder / "tokenizer_config.json", {
            "added_tokens_decoder": {str(self.vocab[name]): without_id(added(self.vocab[name], name)) for name in SPECIALS},
            "clean_up_tokenization_spaces": True, "do_lower_case": True, "model_max_length": length, "strip_accents": None,
            "tokenize_chinese_chars": True, "tokenizer_class": "BertTokenizer", **names})


def added(number, content):
    return {"id": number, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}


def without_id(token):
    return {key: value for key, value in token.items() if key != "id"}


def write_json(path, value, indent=2):
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")
