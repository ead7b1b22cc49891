package ingest

import "slices"

// The words a mapping may give. They mean what the petition law and the
// upstream systems mean by them; rules compare with the same words.

func channels() []string {
	return []string{"hotline", "online", "mailbox", "letter", "visit"}
}

func purposes() []string {
	return []string{"complaint", "request", "suggestion", "inquiry", "thanks", "review", "re_review", "accusation"}
}

func acts() []string {
	return []string{
		"registered", "transferred", "assigned", "accepted", "not_accepted", "returned", "extended", "replied", "closed",
		"called_back", "rated", "supervised", "reviewed", "re_reviewed", "concluded", "visited", "hearing", "deliberation",
		"judicial_aid", "petition_aid",
	}
}

// Concluded is the act after which a matter is over (终结): the next contact
// under the same key opens a new one.
const Concluded = "concluded"

func ratings() []string { return []string{"satisfied", "basically", "not"} }

// levels are the words of the ordinals Village to Nation, in that order.
func levels() []string {
	return []string{"village", "township", "county", "city", "province", "nation"}
}

// String is the word of a level; "" if unknown.
func (l Level) String() string {
	if l == 0 || int(l) > len(levels()) {
		return ""
	}
	return levels()[l-1]
}

// levelOf gives the level of a word; 0 for "".
func levelOf(word string) Level { return Level(slices.Index(levels(), word) + 1) }
