"""Which columns rate the same item, and which of them is what was expected: by questions, by names, by place, or not at all.

Importance is never taken for expectation, and two ratings of which nobody says which is which are a question.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from cxgap.inspection.column import Column
from cxgap.inspection.matrices import Matrix, find_matrices
from cxgap.inspection.names import SEPARATORS, Mark, dimension_of, marks, pieces, wave_of, without
from cxgap.inspection.proposed import CONFIDENCE, RATINGS, THRESHOLD, Pair
from cxgap.inspection.words import Said, about_key, said
from cxgap.labels import read_labels

_OVERALL: Final = "overall"  # the item of a pair that names none, beside others
_MOST_WORDS: Final = 30  # different answers in words to one question
_OURS: Final = frozenset("epais")  # letters that are known to say a rating
_STRENGTHS: Final = {"whole": 2, "short": 1, "letter": 0}


class Group(NamedTuple):
    """Columns that rate one item, by rating, and how they were found."""

    columns: Mapping[str, str]
    confidence: float
    evidence: str
    question: str = ""
    item: str = ""
    touchpoint: str = ""


def sentence(column: Column) -> str:
    """Return what respondents were asked: the wording, or a name that is a sentence."""
    if column.wording:
        return column.wording
    return column.name if "[" in column.name or len(column.name.split()) > 2 else ""


def find_pairs(columns: Sequence[Column]) -> list[Pair]:
    """Pair what was expected of an item with what was perceived of it.

    Parameters
    ----------
    columns : those that may hold ratings, in the order of the file

    Returns
    -------
    Pairs in that order, and importance beside perception alone only where nothing was expected of any item. A pair with a
    question is not settled; one whose columns cannot be told apart has them in the order of the file.
    """
    asked = {column.name: said(sentence(column)) for column in columns}
    place = {column.name: column.place for column in columns}
    answers = {column.name: column for column in columns}
    by_name, by_words = _named(columns), _worded(columns, asked)
    groups: list[Group] = []
    taken: set[str] = set()
    for group in _agreed(by_name, by_words, asked):
        if not taken & set(group.columns.values()):
            groups.append(group)
            taken |= set(group.columns.values())
    left = [column for column in columns if column.name not in taken and not _unlike(column, asked)]
    for matrix in find_matrices(left, asked):
        if not taken & {name for row in matrix.rows for name in row}:
            groups += _of_matrix(matrix, asked)
            taken |= {name for row in matrix.rows for name in row}
    groups = [_by_answers(group, answers) for group in groups]
    if any("expectation" in group.columns and not group.question for group in groups):
        groups = [group for group in groups if "expectation" in group.columns]
    groups.sort(key=lambda group: min(place[name] for name in group.columns.values()))
    return _pairs(groups)


def _named(columns: Sequence[Column]) -> list[Group]:
    """Group columns whose names are alike but for the word that says the rating."""
    slots: dict[tuple[object, ...], dict[str, list[tuple[str, Mark]]]] = defaultdict(lambda: defaultdict(list))
    letters: dict[tuple[object, ...], set[str]] = defaultdict(set)
    place = {column.name: column.place for column in columns}
    for column in columns:
        for name in dict.fromkeys((column.name, column.wording)):
            if not name or len(name.split()) > 12:
                continue
            words = pieces(name)
            if name == column.name:
                for number, piece in enumerate(words):
                    if len(piece.text) == 1 and piece.text.isascii() and piece.text.isalpha():
                        alone = Mark(piece.start, piece.end, "", "letter", piece.text)
                        letters[("letter", number, without(name, alone))].add(piece.text)
            for mark in marks(name):
                if name != column.name and mark.strength != "whole":
                    continue
                number = next(place for place, piece in enumerate(words) if piece.start == mark.start)
                key: tuple[object, ...] = ("letter", number) if mark.strength == "letter" else ("word",)
                slots[(*key, without(name, mark))][mark.role].append((column.name, mark))
    found, families = [], Counter[frozenset[str]]()
    for key, roles in slots.items():
        chosen, double = _one_each(roles)
        if len(chosen) < 2 or "perception" not in chosen:
            continue
        family = frozenset(mark.word for _, mark in chosen.values())
        families[family] += 1
        strange = letters[key] - _OURS - set("md") if key[0] == "letter" else set()
        found.append((key, chosen, double, family, strange))
    ordered = _in_order(
        [(family, {role: place[name] for role, (name, _) in chosen.items()}) for _, chosen, _, family, _ in found]
    )
    ranked = sorted(found, key=lambda entry: (-_strength(entry[1]), -families[entry[3]]))
    groups, taken = [], set[str]()
    for key, chosen, double, family, strange in ranked:
        names = {role: name for role, (name, _) in chosen.items()}
        if taken & set(names.values()) or len(set(names.values())) < len(names) or len(strange) > 1:
            continue
        taken |= set(names.values())
        groups.append(_name_group(key, chosen, double, families[family], ordered[family]))
    return groups


def _one_each(roles: Mapping[str, Sequence[tuple[str, Mark]]]) -> tuple[dict[str, tuple[str, Mark]], str]:
    """Choose a column for each rating, and say where two would be one."""
    chosen, double = {}, ""
    for role, options in roles.items():
        best = max(_STRENGTHS[mark.strength] for _, mark in options)
        first = [option for option in options if _STRENGTHS[option[1].strength] == best]
        if role == "expectation" and any(mark.word == "e" for _, mark in first):
            first = [option for option in first if option[1].word == "e"]
        names = dict.fromkeys(name for name, _ in options)
        if len(names) > 1 and not all(mark.strength == "letter" for _, mark in options):
            double = f"{' and '.join(list(names)[:2])} could both be the {'perception' if role == 'rating' else role}"
        chosen[role] = first[0]
    if "rating" in chosen:
        rating = chosen.pop("rating")
        if "perception" not in chosen:
            chosen["perception"] = rating
    return chosen, double


def _strength(chosen: Mapping[str, tuple[str, Mark]]) -> int:
    return min(_STRENGTHS[mark.strength] for _, mark in chosen.values())


def _in_order(found: Sequence[tuple[frozenset[str], Mapping[str, int]]]) -> dict[frozenset[str], bool]:
    """Say of each family of names whether its ratings stand in one order."""
    runs: dict[tuple[frozenset[str], str], list[int]] = defaultdict(list)
    for family, places in found:
        for role, place in places.items():
            runs[family, role].append(place)
    ordered = {family: True for family, _ in found}
    by_family: dict[frozenset[str], list[list[int]]] = defaultdict(list)
    for (family, _), run in runs.items():
        by_family[family].append(run)
    for family, several in by_family.items():
        ranks = [sorted(range(len(run)), key=run.__getitem__) for run in several]
        ordered[family] = all(rank == ranks[0] for rank in ranks)
    return ordered


def _name_group(
    key: tuple[object, ...], chosen: Mapping[str, tuple[str, Mark]], double: str, alike: int, ordered: bool
) -> Group:
    names = {role: name for role, (name, _) in chosen.items()}
    words = {mark.word for _, mark in chosen.values()}
    first = next(iter(names))
    stem = " ".join(key[-1]) if isinstance(key[-1], tuple) else ""
    dropped, beside = chosen[first][1].word, ", ".join(name for role, name in names.items() if role != first)
    evidence = (
        f"stem {stem!r} after dropping {dropped!r}, and {beside} beside it"
        if stem
        else f"named {dropped!r}, and {beside} beside it"
    )
    strength, question = _strength(chosen), ""
    if strength == 2:
        confidence = CONFIDENCE["name"]
    elif strength == 1:
        confidence = CONFIDENCE["abbreviation"]
        evidence += f", as in {alike} items" if alike > 1 else ""
    elif alike > 2 and ordered:
        confidence = CONFIDENCE["letters in order"]
        evidence += f", as in {alike} items that stand in one order"
    else:
        confidence = CONFIDENCE["letters"] if alike > 1 else CONFIDENCE["one item"]
        evidence += f", as in {alike} items" if alike > 1 else ", for no other item"
    if strength == 0 and (words & set("md") or words <= {"e", "a"} or words <= {"e", "s"}) and not {"m", "d", "p"} <= words:
        confidence = CONFIDENCE["position"]
        question = f"{' and '.join(names.values())}: which was expected, and which perceived?"
    if double:
        confidence, question = CONFIDENCE["contradicted"], f"{double}: which is it?"
    if confidence < THRESHOLD and not question:
        parts = [f"{name} the {role}" for role, name in names.items()]
        question = f"is {' and '.join(parts)} of one item?"
    return Group(names, confidence, evidence, question, _item(names[first], chosen[first][1]))


def _item(name: str, mark: Mark) -> str:
    """Return a name without the word that says the rating."""
    left, right = name[: mark.start].rstrip(SEPARATORS), name[mark.end :].lstrip(SEPARATORS).rstrip(")] ")
    return "_".join(part for part in (left, right) if part)


def _worded(columns: Sequence[Column], asked: Mapping[str, Said]) -> list[Group]:
    """Group columns whose questions are about the same, and say each another rating."""
    about: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for column in columns:
        question = asked[column.name]
        if question.role in RATINGS and question.about:
            about[question.about][question.role].append(column.name)
    groups = []
    for item, roles in about.items():
        if len(roles) < 2 or "perception" not in roles:
            continue
        evidence = f"the questions are about {item!r}, and say which rating each is"
        topic = next((asked[names[0]].topic for names in roles.values() if asked[names[0]].topic), item)
        if all(len(names) == 1 for names in roles.values()):
            groups.append(Group({role: names[0] for role, names in roles.items()}, CONFIDENCE["wording"], evidence, "", topic))
            continue
        apart = {role: _told_apart(names, asked) for role, names in roles.items()}
        places = list(apart["perception"])
        if all(set(several) == set(places) and len(several) == len(roles[role]) for role, several in apart.items()):
            for place in places:
                found = {role: several[place] for role, several in apart.items()}
                told = f"{evidence}, and that it is of {place!r}"
                groups.append(Group(found, CONFIDENCE["wording"], told, "", f"{place} {topic}", place))
    return groups


def _told_apart(names: Sequence[str], asked: Mapping[str, Said]) -> dict[str, str]:
    """Return what the questions of one rating name each alone, such as the touchpoint, to the column."""
    stems = [about_key(asked[name].stem).split() for name in names]
    common = set(stems[0]).intersection(*stems[1:])
    alone = [" ".join(word for word in stem if word not in common) for stem in stems]
    return {place: name for place, name in zip(alone, names, strict=True) if place}


def _agreed(by_name: Sequence[Group], by_words: Sequence[Group], asked: Mapping[str, Said]) -> list[Group]:
    """Weigh names against questions: where both say it they must say the same."""
    of_name = {name: group for group in by_name for name in group.columns.values()}
    agreed = []
    for group in by_words:
        other = {
            name: role for named in group.columns.values() if named in of_name for role, name in of_name[named].columns.items()
        }
        if all(other.get(name, role) == role for role, name in group.columns.items()):
            same = [found for found in by_name if set(group.columns.items()) <= set(found.columns.items())]
            if same:  # of which the names may know a third rating
                evidence = f"{group.evidence}, as the names do"
                sure = CONFIDENCE["wording and name"]
                group = group._replace(columns=same[0].columns, confidence=sure, evidence=evidence)
            agreed.append(group)
    settled = {name for group in agreed for name in group.columns.values()}
    told: dict[str, set[str]] = defaultdict(set)
    for name, question in asked.items():
        told[question.about].add(name)
    for group in by_name:
        if settled & set(group.columns.values()):
            continue
        agreed.append(_checked(group, asked, told))
    return agreed


def _checked(group: Group, asked: Mapping[str, Said], told: Mapping[str, set[str]]) -> Group:
    """Lower a group of names whose questions say something else."""
    for role, name in group.columns.items():
        question = asked[name]
        if question.role and question.role != role:
            doubt = f"{name} is called the {role}, and its question asks for {_article(question.role)}: which is it?"
            return group._replace(confidence=CONFIDENCE["contradicted"], question=doubt)
    about = {asked[name].about for name in group.columns.values() if asked[name].stem}
    if len(about) > 1 and any(told[text] - set(group.columns.values()) for text in about):
        one, two = sorted(about)[:2]
        both = " and ".join(group.columns.values())
        doubt = f"{both} have one name, and their questions are about {one!r} and {two!r}: are they one item?"
        return group._replace(confidence=CONFIDENCE["contradicted"], question=doubt)
    said_so = [name for role, name in group.columns.items() if asked[name].role == role]
    if len(said_so) == len(group.columns):
        return group._replace(
            confidence=CONFIDENCE["wording and name"], evidence=f"{group.evidence}; the questions say so too", question=""
        )
    return group


def _by_answers(group: Group, columns: Mapping[str, Column]) -> Group:
    """Lower a group whose expectation is answered in words of importance, or of a comparison with what was expected."""
    name = group.columns.get("expectation", "")
    if not name or group.question:
        return group
    column = columns[name]
    words = [text for text in (*column.labels.values(), *column.values) if any(map(str.isalpha, text))]
    kind = read_labels(words).kind if len(words) <= _MOST_WORDS else ""
    if not kind.startswith(("importance", "expectation met")):
        return group
    doubt = f"{name} is called the expectation, and its answers are words of {kind.removesuffix(' from none')}: which is it?"
    return group._replace(confidence=CONFIDENCE["contradicted"], question=doubt)


def _article(role: str) -> str:
    return "a comparison with what was expected" if role == "disconfirmation" else f"the {role}"


def _unlike(column: Column, asked: Mapping[str, Said]) -> bool:
    return asked[column.name].role == "disconfirmation"


def _of_matrix(matrix: Matrix, asked: Mapping[str, Said]) -> list[Group]:
    """Pair the rows of two or more matrices in one order; which is which must be said by their questions, or asked."""
    if len(matrix.rows) > 2 and all(matrix.roles.count(role) == 1 for role in ("expectation", "perception")):
        matrix = matrix.only([place for place, role in enumerate(matrix.roles) if role in RATINGS])
    roles, shown = matrix.roles, [f"{row[0]} to {row[-1]}" for row in matrix.rows]
    if None not in roles and len(set(roles)) == len(roles) and all(role in RATINGS for role in roles):
        confidence, question = CONFIDENCE["letters in order"], ""
        evidence = "two matrices in one order, and their questions say which rating each is"
    elif len(matrix.rows) == 2:
        known = [role for role in roles if role]
        confidence = CONFIDENCE["one of them"] if known else CONFIDENCE["position"]
        evidence = f"{shown[0]} and {shown[1]} are two matrices of {len(matrix.rows[0])} in one order"
        if all(asked[one].about == asked[two].about and asked[one].about for one, two in zip(*matrix.rows, strict=True)):
            evidence += ", about the same items"
        means = [
            f"{row[0]} to {row[-1]}" + (f" (mean {mean:.1f})" if mean is not None else "")
            for row, mean in zip(matrix.rows, matrix.means, strict=True)
        ]
        question = f"which was expected, and which perceived (or is one their importance): {means[0]}, or {means[1]}?"
        if known and known[0] in RATINGS:
            question = f"{shown[roles.index(known[0])]} is the {known[0]}; what is {shown[1 - roles.index(known[0])]}?"
        roles = _guess(roles)
        if len(set(roles)) < 2 or None in roles:
            return []
    else:
        return []
    groups = []
    for number, names in enumerate(zip(*matrix.rows, strict=True)):
        columns = {str(role): name for role, name in zip(roles, names, strict=True)}
        groups.append(Group(columns, confidence, evidence, question, matrix.items[number]))
    return groups


def _guess(roles: Sequence[str | None]) -> list[str | None]:
    """Fill in what two matrices would be, as the question has it: in the order of the file, the expectation first."""
    one, two = roles
    if one is None and two is None:
        return ["expectation", "perception"]
    partner = {"expectation": "perception", "perception": "expectation", "importance": "perception", "adequate": "perception"}
    return [one or partner.get(str(two)), two or partner.get(str(one))]


def _pairs(groups: Sequence[Group]) -> list[Pair]:
    """Turn groups into pairs: each item has its own name, and its wave apart."""
    waves = {group.item: wave_of(group.item) for group in groups}
    plain = [group.item[: -len(waves[group.item])].rstrip(SEPARATORS) if waves[group.item] else group.item for group in groups]
    once = Counter(plain)
    pairs = []
    for group, item in zip(groups, plain, strict=True):
        name = item if once[item] == 1 and item else group.item or (_OVERALL if len(groups) > 1 else "")
        pairs.append(
            Pair(
                item=name,
                confidence=group.confidence,
                evidence=group.evidence,
                question=group.question,
                dimension=dimension_of(group.item),
                wave=waves[group.item],
                touchpoint=group.touchpoint,
                **{role: name for role, name in group.columns.items() if role in RATINGS},
            )
        )
    return pairs
