"""The toy language of the example: little sentences, and what in them belongs together.

Sentences are written with marks, <kind id:text>, that `unmark` takes out again while it remembers where the marked
words were.  What a head should look at is thus known exactly, without parsing English:

    <n3:Mary> ... <p3:she>     a name and the pronoun that means it (the last n3 before it)
    <o5:(> ... <c5:)>          an opening bracket or quotation mark and its partner
    <f2:Vexa> <l2:Tolm>        first and last name of a rare person, always the same pair within one text
    <i4:plums>                 an item of a list

The grammar is built so that these patterns pay.  Every common name has a trade of its own, so what follows `she` can
only be known by finding the name.  Every animal has its own sound and every verb of saying its own adverb, and both
come after a closing bracket or quotation mark, while what decides them stands before the opening one; other animals
and other verbs of saying inside the brackets make any shortcut fail.  Rare names are put together from syllables anew for
every text, so that their second half can only be known by having seen the pair before.
"""

import re

TRADES = {
    "Mary": ("F", "baked", ["bread", "cakes", "pies"]),
    "Anna": ("F", "painted", ["doors", "boats", "clouds"]),
    "Clara": ("F", "sewed", ["shirts", "coats", "curtains"]),
    "Ruth": ("F", "planted", ["roses", "beans", "trees"]),
    "Nora": ("F", "mended", ["clocks", "chairs", "kettles"]),
    "Emma": ("F", "wrote", ["letters", "stories", "poems"]),
    "Alice": ("F", "read", ["novels", "maps", "recipes"]),
    "Lucy": ("F", "fed", ["lambs", "hens", "ponies"]),
    "Rosa": ("F", "caught", ["fish", "crabs", "butterflies"]),
    "Ida": ("F", "played", ["chess", "cards", "music"]),
    "John": ("M", "grew", ["apples", "pumpkins", "herbs"]),
    "Peter": ("M", "carved", ["spoons", "flutes", "toys"]),
    "Tom": ("M", "built", ["bridges", "walls", "sheds"]),
    "Paul": ("M", "sold", ["candles", "cheese", "lamps"]),
    "Henry": ("M", "cooked", ["soup", "rice", "noodles"]),
    "Felix": ("M", "drew", ["birds", "castles", "faces"]),
    "Oscar": ("M", "kept", ["bees", "secrets", "coins"]),
    "Hugo": ("M", "washed", ["windows", "sheep", "carrots"]),
    "Simon": ("M", "chopped", ["wood", "onions", "logs"]),
    "Karl": ("M", "told", ["jokes", "riddles", "legends"]),
}
WOMEN = [name for name, trade in TRADES.items() if trade[0] == "F"]
MEN = [name for name, trade in TRADES.items() if trade[0] == "M"]

SOUNDS = {
    "dog": "barked", "cat": "purred", "owl": "hooted", "frog": "croaked", "horse": "neighed", "cow": "mooed",
    "goose": "honked", "lion": "roared", "mouse": "squeaked", "duck": "quacked", "wolf": "howled", "snake": "hissed",
    "sparrow": "chirped", "pig": "grunted", "crow": "cawed", "bee": "hummed",
}
ANIMALS = list(SOUNDS)

SAYING = {
    "whispered": "softly", "shouted": "loudly", "replied": "calmly", "asked": "kindly", "muttered": "darkly",
    "laughed": "happily", "promised": "firmly", "sighed": "sadly", "joked": "cheerfully", "warned": "quickly",
}
SPEECH = list(SAYING)

GROUPS = [
    ["apples", "pears", "plums", "figs", "cherries", "lemons", "grapes"],
    ["nails", "ropes", "buckets", "ladders", "hammers", "needles"],
    ["cups", "plates", "forks", "bowls", "napkins", "jars"],
    ["violins", "drums", "trumpets", "harps", "bells", "whistles"],
    ["daisies", "tulips", "lilies", "violets", "ferns", "poppies"],
]
THINGS = ["book", "clock", "letter", "lantern", "basket", "ticket", "umbrella", "painting", "key", "scarf", "kite", "medal"]
PLACES = ["river", "market", "harbour", "garden", "library", "bakery", "station", "mill", "old bridge", "orchard"]
LOOKS = ["small", "grey", "old", "quiet", "proud", "hungry", "brave", "sleepy", "clever", "young"]
OPENERS = ["Yesterday", "One evening", "In spring", "At noon", "At dusk", "Before dawn", "On Sunday", "After lunch",
           "In the garden", "Near the river", "Last winter", "At the market", "Today", "In town"]
GIVING = ["gave", "showed", "lent", "brought", "sent"]
MEETING = ["met", "greeted", "followed", "visited", "invited", "hugged", "missed", "trusted"]
FOOD = ["soup", "bread", "tea", "cake", "stew", "salad", "cheese", "jam"]
GOOD = ["good", "lovely", "fresh", "wonderful", "delicious"]
BAD = ["bad", "awful", "stale", "dreadful", "bitter"]

# Half of the rare people have names from these lists, common enough for the tokenizer to keep most of them whole; the
# other half are made up from syllables and come in pieces.
KNOWN_FIRST = ["Vexa", "Orla", "Zibo", "Quen", "Mirel", "Tavi", "Bruna", "Kesh", "Lumo", "Pell", "Drusa", "Ondi"]
KNOWN_LAST = ["Tolm", "Pask", "Brim", "Varn", "Skell", "Oduk", "Grale", "Wick", "Thorn", "Mabb", "Zeel", "Crane"]
ONSETS = ["B", "D", "F", "G", "H", "J", "K", "L", "M", "N", "P", "R", "S", "T", "V", "W", "Z", "Br", "Dr", "Gr", "Kl", "Sk", "Th", "Tr"]
MIDDLES = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "z", "nd", "rk", "st", "lm"]
CODAS = ["b", "ck", "d", "g", "lk", "lm", "m", "nd", "nk", "p", "rd", "rm", "rn", "sk", "st", "th", "x"]

MARK = re.compile(r"<([a-z])(\d+):([^>]*)>")


def unmark(marked):
    """Returns the plain text and [(kind, id, start, end)] in characters of it."""
    text, marks, at = "", [], 0
    for match in MARK.finditer(marked):
        text += marked[at:match.start()]
        start = len(text)
        text += match.group(3)
        marks.append((match.group(1), int(match.group(2)), start, len(text)))
        at = match.end()
    return text + marked[at:], marks


class Story:
    """One text with a small cast, so that names come back as they do in a real story."""

    def __init__(self, random):
        self.random = random
        self.pair_id = 0
        self.women = random.sample(WOMEN, 3)
        self.men = random.sample(MEN, 3)
        self.animals = random.sample(ANIMALS, 6)
        firsts, lasts = set(), set()
        self.rare = []
        while len(self.rare) < 3:
            first, last = self.invent()
            if first not in firsts and last not in lasts:
                firsts.add(first)
                lasts.add(last)
                self.rare.append((first, last))

    def invent(self):
        random = self.random
        if random.random() < 0.5:
            return random.choice(KNOWN_FIRST), random.choice(KNOWN_LAST)
        first = random.choice(ONSETS) + random.choice("aeiou") + random.choice(MIDDLES) + random.choice("aeio")
        last = random.choice(ONSETS) + random.choice("aeiou") + random.choice(CODAS)
        return first, last

    def new_id(self):
        self.pair_id += 1
        return self.pair_id

    # Parts of a sentence

    def name(self, name):
        return f"<n{100 + list(TRADES).index(name)}:{name}>"

    def pronoun(self, name):
        return f"<p{100 + list(TRADES).index(name)}:{'she' if TRADES[name][0] == 'F' else 'he'}>"

    def work(self, name):
        _, verb, objects = TRADES[name]
        return f"{verb} {self.random.choice(objects)}"

    def rare_name(self, which=None):
        which = self.random.randrange(3) if which is None else which
        first, last = self.rare[which]
        return f"<f{200 + which}:{first}> <l{200 + which}:{last}>"

    def animal(self, besides=()):
        animal = self.random.choice([animal for animal in self.animals if animal not in besides])
        look = self.random.choice(LOOKS) + " " if self.random.random() < 0.25 else ""
        return animal, f"the {look}{animal}"

    def someone(self):
        """A person or animal who is only mentioned."""
        roll = self.random.random()
        if roll < 0.45:
            return self.rare_name()
        if roll < 0.65:
            return self.name(self.random.choice(self.women + self.men))
        return self.animal()[1]

    def couple(self):
        pair = [self.random.choice(self.women), self.random.choice(self.men)]
        self.random.shuffle(pair)
        return pair

    # Clauses, without a first capital and without a full stop

    def pronoun_clause(self):
        random = self.random
        a, b = self.couple()
        roll = random.random()
        gift = f"the {random.choice(THINGS)}"
        if roll < 0.30:
            text = f"{self.name(a)} {random.choice(GIVING)} {self.name(b)} {gift}"
            who = random.choice([a, b])
        elif roll < 0.42:
            text = f"{self.name(a)} {random.choice(['thanked', 'praised', 'admired'])} {self.name(b)}"
            who = b
        elif roll < 0.54:
            text = f"{self.name(a)} {random.choice(['amazed', 'surprised', 'pleased'])} {self.name(b)}"
            who = a
        elif roll < 0.66:
            text = f"{self.rare_name()} {random.choice(['thanked', 'praised', 'admired'])} {self.name(a)}"
            who = a
        elif roll < 0.78:
            text = f"{self.name(a)} {random.choice(GIVING)} {self.rare_name()} {gift}"
            who = a
        elif roll < 0.90:
            text = f"{self.name(a)} and {self.name(b)} {random.choice(['smiled', 'danced', 'were happy'])}"
            who = random.choice([a, b])
        else:
            text = f"{self.name(a)} {random.choice(MEETING)} {self.name(b)} near the {random.choice(PLACES)}"
            who = random.choice([a, b])
        link = random.choice(["because", "because", "while", "after", "and"])
        text += f" {link} {self.pronoun(who)} {self.work(who)}"
        other = b if who == a else a
        if f"n{100 + list(TRADES).index(other)}:" in text and random.random() < 0.35:
            text += f", {random.choice(['and', 'but'])} {self.pronoun(other)} {self.work(other)}"
        return text

    def inside(self, besides):
        random = self.random
        near = self.animal(besides)[1]
        roll = random.random()
        if roll < 0.30:
            return f"a friend of {self.someone()}"
        if roll < 0.45:
            return f"not {near}"
        if roll < 0.60:
            return f"older than {near} and {self.animal(besides)[1]}"
        if roll < 0.75:
            return f"who had chased {near}"
        if roll < 0.90:
            return f"with {self.someone()} behind it"
        return f"a gift from {self.someone()}"

    def bracket_clause(self):
        random = self.random
        outer = self.new_id()
        left, right = random.choice(["()", "()", "()", "[]"])
        if random.random() < 0.75:
            animal, text = self.animal()
            inside = self.inside({animal})
            after = SOUNDS[animal]
            if random.random() < 0.3:
                after += f" at {self.someone()}"
        else:
            name = random.choice(self.women + self.men)
            other = random.choice([one for one in self.women + self.men if one != name])
            text = self.name(name)
            inside = random.choice([f"a friend of {self.someone()}", f"not {self.name(other)}", f"a cousin of {self.name(other)}"])
            after = self.work(name)
        if left == "(" and random.random() < 0.2:
            inner = self.new_id()
            inside += f" <o{inner}:[>{random.choice(['see', 'not', 'like'])} {self.animal()[1]}<c{inner}:]> and {self.animal()[1]}"
        return f"{text} <o{outer}:{left}>{inside}<c{outer}:{right}> {after}"

    def quote_clause(self):
        random = self.random
        pair = self.new_id()
        verb = random.choice(SPEECH)
        who = random.choice([self.name(random.choice(self.women + self.men)), self.rare_name()])
        roll = random.random()
        if roll < 0.3:
            said = f"the {random.choice(FOOD)} is {random.choice(['', 'not ', 'very '])}{random.choice(GOOD + BAD)}"
        elif roll < 0.6:
            said = f"{self.someone()} {random.choice(SPEECH)} at {self.someone()}"
        elif roll < 0.8:
            said = f"I like {random.choice(random.choice(GROUPS))} and {random.choice(random.choice(GROUPS))}"
        else:
            said = f"we {random.choice(MEETING)} {self.someone()}"
        tail = f" and {random.choice(MEETING)} {self.someone()}" if random.random() < 0.2 else ""
        return f'{who} {verb} <o{pair}:">{said}<c{pair}:"> {SAYING[verb]}{tail}'

    def rare_clause(self):
        random = self.random
        a, b = random.sample(range(3), 2)
        roll = random.random()
        if roll < 0.3:
            return f"{self.rare_name(a)} {random.choice(MEETING)} {self.rare_name(b)}"
        if roll < 0.5:
            return f"{self.rare_name(a)} {random.choice(GIVING)} {self.rare_name(b)} the {random.choice(THINGS)}"
        if roll < 0.65:
            return f"{self.rare_name(a)} and {self.rare_name(b)} {random.choice(MEETING)} {self.someone()}"
        if roll < 0.8:
            return f"{self.name(random.choice(self.women + self.men))} {random.choice(MEETING)} {self.rare_name(a)}"
        return f"{self.rare_name(a)} waited near the {random.choice(PLACES)}"

    def list_clause(self):
        random = self.random
        pair = self.new_id()
        items = [f"<i{pair}:{item}>" for item in random.sample(random.choice(GROUPS), random.choice([3, 3, 4]))]
        who = random.choice([self.name(random.choice(self.women + self.men)), self.rare_name()])
        verb = random.choice(["bought", "found", "carried", "wanted"])
        return f"{who} {verb} {', '.join(items[:-1])} and {items[-1]}"

    def taste_clause(self):
        random = self.random
        good = random.random() < 0.5
        denied = random.random() < 0.4
        feeling = "glad" if good != denied else "upset"
        return (f"the {random.choice(FOOD)} was {'not ' if denied else ''}{random.choice(GOOD if good else BAD)}, "
                f"so {self.name(random.choice(self.women + self.men))} was {feeling}")

    def clause(self):
        kinds = [self.pronoun_clause, self.bracket_clause, self.quote_clause, self.rare_clause, self.list_clause, self.taste_clause]
        return self.random.choices(kinds, weights=[28, 25, 17, 18, 6, 6])[0]()

    def sentence(self, first):
        text = self.clause()
        if self.random.random() < 0.3:
            text += f", {self.random.choice(['and', 'and', 'but'])} {self.clause()}"
        # A text rarely opens with a name: the first token gathers what heads do not need, and a name there would
        # seem to be looked at by everybody.
        if self.random.random() < (0.75 if first else 0.3):
            text = f"{self.random.choice(OPENERS)} {text}"
        elif text.startswith("the "):
            text = "T" + text[1:]
        return text + "."


def story(random, n_sentences):
    """A text for the decoder, with its marks still in it."""
    teller = Story(random)
    return " ".join(teller.sentence(number == 0) for number in range(n_sentences))


# The encoder reads short reviews, alone or with a question about one thing in them.

ASPECTS = ["soup", "bread", "tea", "cake", "room", "garden", "song", "play", "boat", "market", "coat", "lamp", "story", "view",
           "bridge", "music", "hotel", "painter", "waiter", "picnic", "train", "bed", "museum", "juggler"]
POSITIVE = ["good", "lovely", "fresh", "warm", "splendid", "delightful", "wonderful", "joyful", "tasteful", "cheerful", "friendly",
            "bright", "graceful", "charming"]
NEGATIVE = ["bad", "awful", "stale", "cold", "gloomy", "dreadful", "tasteless", "joyless", "cheerless", "unfriendly", "dull",
            "graceless", "shabby", "boring"]
NEUTRAL = ["red", "round", "small", "new", "wooden", "long", "green", "old", "tall", "square", "white", "narrow"]
DEGREES = ["", "", "", "very ", "really ", "quite "]
LIKING = {"positive": ["loved", "enjoyed", "praised"], "negative": ["hated", "disliked", "cursed"], "neutral": ["saw", "passed", "noticed"]}
LABELS = ["negative", "neutral", "positive"]
OPPOSITE = {"negative": "positive", "positive": "negative", "neutral": "neutral"}


def review_clause(random, aspect, label):
    """The marks are <a1:aspect>, <j1:word of judgement> and <d1:not>, the denial."""
    number = ASPECTS.index(aspect)
    if random.random() < 0.7:
        denied = random.random() < 0.4
        base = OPPOSITE[label] if denied else label
        word = random.choice({"positive": POSITIVE, "negative": NEGATIVE, "neutral": NEUTRAL}[base])
        no = f"<d{number}:not> " if denied else ""
        return f"the <a{number}:{aspect}> {random.choice(['was', 'was', 'seemed'])} {no}{random.choice(DEGREES)}<j{number}:{word}>"
    who = random.choice(["I", "we", "Mary", "John", "they"])
    return f"{who} <j{number}:{random.choice(LIKING[label])}> the <a{number}:{aspect}>"


def review(random):
    """Returns marked text A, marked text B or None, the label, and {number of a thing: label} for each thing named."""
    pair = random.random() < 0.7
    n = random.choice([2, 2, 3] if pair else [1, 1, 2])
    aspects = random.sample(ASPECTS, n + 1)
    if pair:
        labels = [random.choice(LABELS) for _ in range(n)]
    else:
        label = random.choice(LABELS)
        labels = [label if random.random() < 0.7 else "neutral" for _ in range(n)]
        labels[random.randrange(n)] = label
    clauses = [review_clause(random, aspect, label) for aspect, label in zip(aspects, labels)]
    text = clauses[0]
    for clause in clauses[1:]:
        text += random.choice([", and ", ", but ", "; ", " while "]) + clause
    text = text[0].upper() + text[1:] if text[0] != "<" else text
    text += "."
    verdicts = {ASPECTS.index(aspect): label for aspect, label in zip(aspects, labels)}
    if not pair:
        return text, None, label, verdicts
    asked = random.randrange(n) if random.random() < 0.85 else n
    number = ASPECTS.index(aspects[asked])
    question = random.choice(["How was the {}?", "What about the {}?", "And the {}?", "Was the {} any good?", "Tell me about the {}."])
    # Whatever is asked for but not in the review is neutral: nobody said anything about it.
    label = verdicts.setdefault(number, "neutral")
    return text, question.format(f"<b{number}:{aspects[asked]}>"), label, verdicts
