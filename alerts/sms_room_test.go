package alerts_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"yujing/alerts"
	"yujing/alerts/sms"
	"yujing/rules"
	"yujing/scorer"
)

// A risk name that fills the room makes one part at its worst; one unit more
// makes two. The messages are those that go out.
func TestRoomForRiskName(t *testing.T) {
	room := alerts.RoomForRiskName(alerts.Default())
	if room < 8 {
		t.Fatalf("a risk name has room for %d characters", room)
	}
	for name, want := range map[string]int{
		strings.Repeat("访", room):                         1,
		strings.Repeat("访", room+1):                       2,
		strings.Repeat("访", room-2) + "\U00020BB7":        1, // two units
		strings.Repeat("访", room-1) + "\U00020BB7":        2,
		strings.Repeat("\U00020BB7", room/2):              1,
		strings.Repeat("\U00020BB7", room/2+room%2) + "访": 2,
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, config())
			w.risk = name
			w.start()
			most := 0
			for l := rules.Blue; l <= rules.Red; l++ {
				w.apply(change(1, l, func(c *scorer.Change) {
					c.Score = 100
					c.Ref = "hotline:" + strings.Repeat("9", 30)
					c.Matter.Ref = c.Ref
					c.Matter.Units = []string{strings.Repeat("局", 40)}
				}))
			}
			for _, m := range w.gates["file"].messages() {
				most = max(most, sms.Parts(m.Short))
			}
			if most != want {
				for _, m := range w.gates["file"].messages() {
					t.Log(m.Short, len([]rune(m.Short)))
				}
				t.Errorf("a risk name of %d runes makes %d parts at its worst, want %d", len([]rune(name)), most, want)
			}
		})
	}
}

func TestTooLongWordsLeaveNoRoom(t *testing.T) {
	c := alerts.Default()
	c.Ask = map[string]rules.Text{"red": {ZH: strings.Repeat("请立即联系信访人", 8)}}
	if room := alerts.RoomForRiskName(c); room >= 0 {
		t.Errorf("room for %d characters", room)
	}
	problems := c.Validate("yujing.yaml", nil, checks())
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "a text message at red") {
		t.Errorf("got %v", problems)
	}
}
