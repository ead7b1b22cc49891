package alerts

import (
	"fmt"

	"yujing/rules"
)

// levelNames holds the colours in order, as configuration and JSON spell them.
func levelNames() []string { return []string{"none", "blue", "yellow", "orange", "red"} }

// LevelName is the colour as JSON and configuration spell it.
func LevelName(l rules.Level) string {
	if names := levelNames(); int(l) < len(names) {
		return names[l]
	}
	return fmt.Sprintf("level(%d)", l)
}

// ParseLevel reads a colour; "" is blue, the lowest.
func ParseLevel(s string) (rules.Level, error) {
	if s == "" {
		return rules.Blue, nil
	}
	for l, name := range levelNames() {
		if name == s && l > 0 {
			return rules.Level(l), nil
		}
	}
	return 0, fmt.Errorf("%q is no level: use blue, yellow, orange or red", s)
}

// colour is the level as people read it.
func colour(l rules.Level) rules.Text {
	zh := []string{"无", "蓝色", "黄色", "橙色", "红色"}
	if int(l) >= len(zh) {
		return rules.Text{ZH: "未知", EN: "unknown"}
	}
	return rules.Text{ZH: zh[l], EN: LevelName(l)}
}
