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

Beside ` + "`repeat.yaml` lie its tests, `repeat_test.yaml`" + `. A test is a row (a matter, or a group of matters), what happened to it,
and what the rules should say of it.

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
    expect:                               # any of these, at least one
      rules: [asked-again-unanswered]     # exactly these fire, in any order
      score: 30
      shadow_score: 30
      level: blue                         # none, blue, yellow, orange, red
      outcome: contact-2                  # the signal at which the risk's outcome happens, or none
      because: {asked-again-unanswered: 七天内来件 2 次}     # the Chinese text
      advise: {asked-again-unanswered: 24 小时内电话联系信访人}
` + "```" + `

` + "`yujing test`" + ` runs the tests of ` + "`--rules`; `yujing test PATH...`" + ` those of directories, rule files or files of tests. Every test runs
in every engine: what an engine says must be what is expected, and of what is not expected (other figures, other risks
over the same row) all engines must say the same. Texts and outcomes come from the program alone, not from the database.
It ends with ` + "`N passed, N failed`" + ` and exit code 0, or 1 if something failed.

| flag | |
|---|---|
| ` + "`--run REGEX`" + ` | only the tests whose names match |
| ` + "`--coverage`" + ` | also tell what the tests do not reach: rules and branches |
| ` + "`--coverage=90`" + ` | the same, and exit code 1 if less than 90 % is covered |
| ` + "`--junit FILE`" + ` | also write the report as JUnit XML: a suite for each file, its times, its failures |
| ` + "`--json`" + ` | the report as one JSON object, with coverage if that is asked for |
| ` + "`--engine vm`" + ` | not in the database: quicker by some seconds |
| ` + "`--watch`" + ` | run again whenever a rule, a test or the configuration changes, until Ctrl-C; the exit code is the last run's |
| ` + "`--update`" + ` | write what comes out into the tests that expect otherwise, or nothing |

**What counts as covered.** A rule counts two: a test of its risk makes it fire, and one leaves it unfired. So does every
place in its condition that can go two ways: an operand of ` + "`and`, `or`" + ` is true and is false; a predicate (of
` + "`any all none one count filter find findLast`" + `) holds for some element and not for some; the condition of ` + "`? :`" + ` is true and is
false; the value before ` + "`??`" + ` is known and is unknown. An operand that is itself an ` + "`and`, `or`" + ` counts by its operands. What was
not evaluated counts as neither, as in ` + "`false and ...`" + `. A ` + "`??`" + ` that a ` + "`!= nil`" + ` before it has made idle does not count:
` + "`x != nil and now - (x ?? now) > 5`" + `. The percentage is of all of these together.

**Filling in expectations.** ` + "`yujing test --update`" + ` changes in the files of tests the values that differ, and gives a test that
expects nothing (no ` + "`expect`, or an empty one)" + ` a whole expectation. Comments, order and layout stay as they are; a file that
cannot be read, or not edited safely, is left alone and told. It prints what it changed. Review it: it is what the rules
say, not what they should say.
`
