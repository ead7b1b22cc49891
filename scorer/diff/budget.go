package diff

import (
	"fmt"
	"strconv"
	"strings"
)

// Budget is how many warnings a day a change may come to. The zero value is no limit.
type Budget struct {
	PerDay  float64
	PerUnit bool // for each unit, not for all together
	set     bool
}

// ParseBudget reads 5/day, or 5/day/unit.
func ParseBudget(text string) (Budget, error) {
	b := Budget{set: true}
	number, per, _ := strings.Cut(text, "/")
	v, err := strconv.ParseFloat(number, 64)
	if b.PerDay, b.PerUnit = v, per == "day/unit"; err != nil || !(v >= 0) || per != "day" && !b.PerUnit {
		return b, fmt.Errorf("budget %q: write how many warnings a day: 5/day, or 5/day/unit for each unit", text)
	}
	return b, nil
}

// Exceeded says where B comes to more, "" if nowhere.
func (b Budget) Exceeded(d *Diff) string {
	if !b.set {
		return ""
	}
	if !b.PerUnit {
		if _, after := d.PerDay(); after > b.PerDay {
			return fmt.Sprintf("%.2f warnings a day, budget %v", after, b.PerDay)
		}
		return ""
	}
	var over []string
	for _, l := range d.Units() {
		if l.After > b.PerDay {
			over = append(over, fmt.Sprintf("%s %.2f", unitName(l.Unit), l.After))
		}
	}
	if len(over) == 0 {
		return ""
	}
	return fmt.Sprintf("%d unit(s) get more than %v warnings a day: %s", len(over), b.PerDay, strings.Join(over[:min(len(over), most)], ", "))
}
