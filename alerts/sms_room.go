package alerts

import (
	"strings"
	"unicode/utf16"

	"yujing/rules"
)

// units is how long a text is in a text message: UTF-16 units, of which a
// character beyond the basic plane, as some surnames are, takes two.
func units(text string) int { return len(utf16.Encode([]rune(text))) }

// shortName is the least that the name of a risk takes: 重信重访.
const shortName = 4

// RoomForRiskName is how many UTF-16 units a text message of one part leaves for
// the Chinese name of a risk at its worst: raised to the level whose words are
// the longest, 100 points, a number that had to be shortened. The name is all
// that the files of rules bring into a text message. Below 0 if the configured
// words alone are too long.
func RoomForRiskName(cfg Config) int {
	room := onePart
	for l := rules.Blue; l <= rules.Red; l++ {
		room = min(room, onePart-cfg.worstShort(l))
	}
	return room
}

// worstShort is the longest that the text message of one alert can be once all
// that can be left out or shortened is, but for the name of its risk.
func (c Config) worstShort(l rules.Level) int {
	c.Ask = merged(defaultAsk(), c.Ask)
	setDefault(&c.Sign, "预警")
	long := strings.Repeat("访", onePart) // so that all is shortened that can be
	worst := item{Risk: rules.Text{ZH: long}, Level: l.Name(), Was: rules.Yellow.Name(), Score: 100, Ref: strings.Repeat("9", 100), Unit: strings.Repeat("局", onePart)}
	v := view{Kind: "single", Items: []item{worst}}
	return units(v.short(&c)) - units(long)
}
