package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// element is an element of a page with the text in it.
type element struct {
	name  string
	attrs map[string]string
	text  string // with that of the elements below it
}

// parse reads a page; every element must be closed and every attribute quoted.
func parse(t *testing.T, page []byte) []element {
	t.Helper()
	var all []element
	var open, from []int // elements, and where in the text they begin
	var text strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(page)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			open, from, all = append(open, len(all)), append(from, text.Len()), append(all, e)
		case xml.EndElement:
			last := len(open) - 1
			all[open[last]].text = text.String()[from[last]:]
			open, from = open[:last], from[:last]
		case xml.CharData:
			text.Write(token)
		}
	}
}

func written(t *testing.T, in Input) []byte {
	t.Helper()
	var page bytes.Buffer
	if err := Write(&page, in); err != nil {
		t.Fatal(err)
	}
	return page.Bytes()
}

// find gives the first element with an id.
func find(t *testing.T, all []element, id string) element {
	t.Helper()
	i := slices.IndexFunc(all, func(e element) bool { return e.attrs["id"] == id })
	if i < 0 {
		t.Fatalf("the page has no element %q", id)
	}
	return all[i]
}

// TestPageAsksForNothing: no script, and nothing that lies elsewhere.
func TestPageAsksForNothing(t *testing.T) {
	page := written(t, sample(t))
	elements := []string{"script", "link", "img", "image", "iframe", "object", "embed", "use", "base", "form", "audio", "video"}
	for _, e := range parse(t, page) {
		if slices.Contains(elements, e.name) {
			t.Errorf("the page has a <%s>", e.name)
		}
		for name, value := range e.attrs {
			if strings.HasPrefix(name, "on") || name == "src" || name == "srcset" {
				t.Errorf("<%s> has %s=%q", e.name, name, value)
			}
			if name == "href" && !strings.HasPrefix(value, "#") {
				t.Errorf("<%s> refers to %q, which is not on the page", e.name, value)
			}
		}
	}
	for _, foreign := range []string{"http:", "https:", "url(", "@import", "javascript:", "data:"} {
		if bytes.Contains(page, []byte(foreign)) {
			t.Errorf("the page holds %q", foreign)
		}
	}
	if !bytes.Contains(page, []byte(`content="default-src 'none'; style-src 'unsafe-inline'"`)) {
		t.Error("the page lets a browser load something")
	}
}

// TestPageIsAccessible: headings in order, tables and plots named, links and ids whole.
func TestPageIsAccessible(t *testing.T) {
	all := parse(t, written(t, sample(t)))
	ids, level, tables, plots := map[string]bool{}, 0, 0, 0
	for i, e := range all {
		if id := e.attrs["id"]; id != "" {
			if ids[id] {
				t.Errorf("two elements have the id %q", id)
			}
			ids[id] = true
		}
		switch e.name {
		case "h1", "h2", "h3", "h4", "h5":
			n := int(e.name[1] - '0')
			if n > level+1 {
				t.Errorf("heading %q follows one of level %d", e.text, level)
			}
			level = n
		case "table":
			tables++
			if all[i+1].name != "caption" || strings.TrimSpace(all[i+1].text) == "" {
				t.Error("a table has no caption")
			}
		case "svg":
			plots++
			if e.attrs["role"] != "img" || e.attrs["aria-label"] == "" || e.attrs["viewBox"] == "" || e.attrs["width"] != "" {
				t.Errorf("a plot is not named or does not scale: %v", e.attrs)
			}
		case "th":
			if e.attrs["scope"] == "" {
				t.Errorf("the heading %q says not of what", e.text)
			}
		}
	}
	for _, e := range all {
		if target := e.attrs["href"]; e.name == "a" && !ids[target[1:]] {
			t.Errorf("a link leads to %q, which is not there", target)
		}
	}
	if plots != 12 || tables < 24 {
		t.Errorf("%d plots and %d tables for three risks", plots, tables)
	}
}

// TestPlotsTakeTheColoursOfThePage: else they vanish on a dark screen.
func TestPlotsTakeTheColoursOfThePage(t *testing.T) {
	page := string(written(t, sample(t)))
	_, plots, _ := strings.Cut(page, "</style>")
	if i := strings.Index(plots, `:#`); i >= 0 {
		t.Errorf("a plot has a colour of its own: %s", plots[max(i-80, 0):i+20])
	}
	if strings.Contains(plots, "font-family") {
		t.Error("a plot names a font")
	}
	for name := range inks() {
		for _, of := range []string{"--" + name + ":"} {
			if strings.Count(pageStyle, of) != 3 {
				t.Errorf("the style sheet has %d values of %s, not one each for light, dark and paper", strings.Count(pageStyle, of), of)
			}
		}
	}
}

// TestPageEscapes puts markup into every text that comes from elsewhere.
func TestPageEscapes(t *testing.T) {
	const evil = `<script>alert("&")</script>`
	in := sample(t)
	in.Command, in.Report.RuleSet, in.Report.Calendar = evil, evil, evil
	for _, f := range in.Report.Risks {
		f.ByUnit[0].Value, f.ByPlace[0].Value, f.ByChannel[0].Value = evil, evil, evil
	}
	w := &in.Worked[3]
	w.Case.Ref, w.Case.Unit, w.Case.Place, w.Case.Channel = evil, evil, evil, evil
	w.Known.List[0] = rules.SignalNote{At: w.At, Act: evil, Unit: evil}
	w.Fired = []rules.Fired{{ID: evil, Name: rules.Text{ZH: evil, EN: evil}, Because: rules.Text{ZH: evil, EN: evil}, Advise: rules.Text{ZH: evil, EN: evil}}}
	page := written(t, in)
	if bytes.Contains(page, []byte("<script")) {
		t.Error("the page holds a script")
	}
	told := 0
	for _, e := range parse(t, page) {
		if e.name == "body" {
			told = strings.Count(e.text, evil)
		}
	}
	if told < 22 {
		t.Errorf("the page tells the text %d times: something was lost", told)
	}
}

// TestPageTellsNoFigureThatIsNot: a backtest over nothing.
func TestPageTellsNoFigureThatIsNot(t *testing.T) {
	in := sample(t)
	in.Worked = nil
	for id := range in.Report.Risks {
		f := &backtest.Figures{Levels: map[string]*backtest.LevelFigures{}, Calibration: []backtest.Bin{{From: 0, To: 9}}}
		for _, level := range colours() {
			f.Levels[level.String()] = &backtest.LevelFigures{}
		}
		in.Report.Risks[id] = f
	}
	page := written(t, in)
	section := find(t, parse(t, page), "risk-repeat").text
	for _, not := range []string{"NaN", "Inf", "%!", "0.0%"} {
		if strings.Contains(section, not) {
			t.Errorf("the page holds %q", not)
		}
	}
	for _, want := range []string{"— 没有已判明的", "— 没有预警", "— 没有发生", "— 没有应验的", "— 没有此分数的", "没有可画的数据", "没有应验的预警", "没有漏报",
		"准确率无从谈起", "召回率无从谈起"} {
		if !strings.Contains(section, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// TestUndecidedAndTooSoonAreToldApart holds what a leader must not mix up.
func TestUndecidedAndTooSoonAreToldApart(t *testing.T) {
	in := sample(t)
	f := in.Report.Risks["repeat"]
	f.TooSoon, f.Undecided = 4711, 815
	section := find(t, parse(t, written(t, in)), "risk-repeat").text
	for _, want := range []string{"来不及 too soon4711首次来件后第一个评估时点之前就已发生", "未决 undecided815数据截至时期限未满"} {
		if !strings.Contains(strings.ReplaceAll(section, "\n", ""), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestSentence(t *testing.T) {
	in := sample(t)
	f := in.Report.Risks["repeat"]
	for name, value := range map[**float64]float64{&f.Precision: 0.314, &f.Recall: 0.46, &f.Lift: 2.5} {
		*name = &value
	}
	f.LeadDays.P50, f.WarningsPerDay = 12.5, 4.2
	var zh, en string
	for _, s := range sentence(in.Set.Risk("repeat"), f) {
		zh, en = zh+s.ZH, en+s.EN+" "
	}
	if want := "每 100 条预警有 31 条应验（后来确实发生“重信重访”），是随便抽查的 2.5 倍。每 100 件发生“重信重访”的，有 46 件事前预警到了，其中一半提前 12.5 天以上。平均每天 4.2 条新预警。"; zh != want {
		t.Errorf("got  %s\nwant %s", zh, want)
	}
	if want := "Of 100 warnings 31 came true (“repeat petition” followed), 2.5 times what picking at random finds. Of 100 matters with “repeat petition” 46 were warned of beforehand, half of them at least 12.5 days before. On average 4.2 new warnings a day. "; en != want {
		t.Errorf("got  %s\nwant %s", en, want)
	}
}

func TestSentenceOnAFewIsCareful(t *testing.T) {
	in := sample(t)
	f := in.Report.Risks["collective"]
	f.Warned, f.Outcomes = 29, 30
	said := sentence(in.Set.Risk("collective"), f)
	if !strings.Contains(said[0].ZH, "一共只有 29 个") || !strings.Contains(said[0].EN, "29 only") || strings.Contains(said[1].ZH, "只有") {
		t.Errorf("said %v", said)
	}
}

func TestWriteRefusesWhatItCannotTell(t *testing.T) {
	in := sample(t)
	in.Report.Step = "daily"
	if err := Write(io.Discard, in); err == nil || !strings.Contains(err.Error(), `"daily"`) {
		t.Errorf("a step that is no duration: %v", err)
	}
	if err := Write(io.Discard, Input{}); err == nil {
		t.Error("no report is reported on")
	}
}
