package main

// opening and closing are the parts of the reference that are not a table of the vocabulary.
const opening = "<!-- Written by `go generate ./rules` from rules/vocabulary.go. Do not edit. -->\n" + `
# What a rule can say

A rule is a condition over one matter (or one group of matters), its points, and what it tells the officer. Rules lie in
` + "`rules.d/*.yaml`, risks in `rules.d/risks.yaml`, unit tests in `rules.d/*_test.yaml`" + `.

` + "```yaml" + `
risk: repeat                      # one risk for each file
rules:
  - id: asked-again-unanswered    # unique over all files
    name: {zh: 七日内再次来件未答复, en: "asked again within a week, unanswered"}
    when: count(contacts, .age <= 7) >= 2 and none(actions, .act == "replied")
    points: 30                    # -100..100, whole
    at_least: yellow              # optional: lifts the level, not the score
    mode: shadow                  # optional: counts in the shadow score alone
    because:                      # {{ }} holds an expression of the same language
      zh: 七天内来件 {{ count(contacts, .age <= 7) }} 次
      en: "{{ count(contacts, .age <= 7) }} contacts within seven days"
    advise:
      zh: 24 小时内电话联系信访人
      en: call the complainant within 24 hours
` + "```" + `

The score of a row is the sum of the points of the rules that fire, clamped to 0..100; the risk's thresholds turn it into
a level: blue, yellow, orange, red. A concluded matter (终结) is not scored.

A score is of a matter, never of a person. What responsible use forbids (names, phones, ages, occupations, other matters
of the same person) is not in the vocabulary; texts that would stop a citizen instead of serving one are refused.

`

const closing = `
## The language

[The rule language](language.md) lists every form with its one meaning: what a value that may be unknown is, what an empty
collection gives, how numbers, texts, times and patterns are compared, and what is refused.

A message never quotes what the citizen wrote. ` + "`{{ }}`" + ` shows numbers (fractions with one decimal), texts, and times in the
risk's zone to the minute.

## Unit tests

` + "```yaml" + `
risk: repeat
now: 2026-03-10 09:00             # optional; without a zone it is the risk's
tests:
  - name: 七日内再次来件未答复
    each: {channel: online, who: a, purpose: complaint}   # what every contact has unless it says otherwise
    contacts: [{at: -6d}, {at: -1d}]                      # distances from now: -6d, -36h, -3d12h30m
    actions: [{at: -5d, act: accepted, unit: 区住建局, due: +10d}]
    group: [{at: -4d, who: b, case: other}]
    concluded: false
    expect:
      rules: [asked-again-unanswered]   # exactly these fire
      score: 30
      level: blue                       # none, blue, yellow, orange, red
      shadow_score: 30
      outcome: contact-2                # the signal at which the risk's outcome happens, or none
      because: {asked-again-unanswered: 七天内来件 2 次}
      advise: {asked-again-unanswered: 24 小时内电话联系信访人}
` + "```" + `
`
