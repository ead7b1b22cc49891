package simulate

// Words of the feeds.
func channelWords() []string { return []string{"来电", "网信", "领导信箱", "来信", "来访"} }

func levelWords() []string { return []string{"", "村", "乡镇", "县区", "市", "省", "国家"} }

func ratingWords() []string { return []string{"", "满意", "基本满意", "不满意"} }

// ref appends the number of a record; nothing for no record.
func (c *composer) ref(dst []byte, k refKey) []byte {
	if k.seq == 0 {
		return dst
	}
	switch k.source {
	case fromHotline:
		dst = append(c.stamps.date(append(dst, "RX"...), k.at), 'K')
	case fromBureau:
		dst = append(c.stamps.date(append(dst, "XF"...), k.at), 'J')
	default:
		dst = append(c.stamps.date(append(dst, "W20"...), k.at), 'N')
	}
	return appendPadded(dst, uint64(k.seq), 7)
}

// identity says what a person leaves in a feed: everyone has one way of being
// known again that they always use.
type identity struct{ phone, id bool }

func identityOf(person uint64, source uint8) identity {
	r := newRNG(person, 11)
	u := r.float()
	switch {
	case person == 0:
		return identity{}
	case u < 0.02:
		return identity{id: true}
	case source == fromBureau:
		return identity{phone: true, id: u < 0.6}
	}
	return identity{phone: true, id: source == fromHotline && u < 0.1}
}

// Ways in which a record can be broken on purpose.
const (
	sound      uint8 = iota
	badTime          // a date that is none
	noRef            // without its number
	badLevel         // a level that no one knows
	badPurpose       // likewise
	badPeople        // a number in words
	badPlace         // a place code that is none
	cutShort         // the record ends in the middle
	strayQuote       // a quote inside a plain field
	breakages
)

// broken says how a record is broken: the same way in each export.
func (c *composer) broken(rec *record) uint8 {
	if c.dirty == 0 {
		return sound
	}
	r := newRNG(c.seed, 13, uint64(rec.source), uint64(rec.seq))
	if r.below(1000) >= c.dirty {
		return sound
	}
	return 1 + uint8(r.below(int(breakages)-1))
}

// unit is the name of the unit that must answer.
func (c *composer) unit(rec *record) string {
	if rec.unit == none {
		return ""
	}
	return c.district.Units[rec.unit].Name
}
