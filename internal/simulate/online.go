package simulate

// onlineJSONL writes messages and events of the online platform as they happen.
type onlineJSONL struct {
	*composer
	buf []byte
}

func (o *onlineJSONL) write(b batch, open create) (t tally, err error) {
	file, err := open(fromOnline, fileName(fromOnline, o.stamps, b.until, "jsonl"))
	if err != nil {
		return t, err
	}
	o.buf = o.buf[:0]
	for i := range b.lines {
		l := &b.lines[i]
		if l.act != actCount {
			o.event(l, b.until)
		} else if how := o.broken(&l.rec); how != sound {
			t.broken++
			o.message(&l.rec, how)
		} else {
			o.message(&l.rec, sound)
		}
		o.buf = append(o.buf, '\n')
		t.rows++
		if len(o.buf) >= flushAt || i == len(b.lines)-1 {
			if _, err := file.Write(o.buf); err != nil {
				file.Close()
				return t, err
			}
			o.buf = o.buf[:0]
		}
	}
	t.files = 1
	return t, file.Close()
}

func (o *onlineJSONL) message(rec *record, how uint8) {
	cat := &o.district.Categories[rec.category]
	spell := rng(rec.voice)
	b := append(o.buf, `{"type":"message"`...)
	if how != noRef {
		b = append(o.ref(append(b, `,"id":"`...), rec.refKey), '"')
	}
	if how == badTime {
		b = append(b, `,"at":"2026-13-32T25:61:00"`...)
	} else {
		b = append(o.stamps.rfc(append(b, `,"at":"`...), rec.at), '"')
	}
	channel := "online"
	if rec.channel == mailbox {
		channel = "mailbox"
	}
	b = appendString(b, `,"channel":`, channel)
	if rec.person != 0 {
		b = append(account(append(b, `,"account":"`...), rec.person), '"')
		if identityOf(rec.person, rec.source).phone {
			b = append(spellPhone(append(b, `,"phone":"`...), rec.person, &spell), '"')
		}
	}
	place, level, purpose := o.district.Villages[rec.place].Code, levelNames()[rec.level], purposeNames()[rec.purpose]
	switch how {
	case badPlace:
		place = "不详-33"
	case badLevel:
		level = "quarter"
	case badPurpose:
		purpose = "gossip"
	}
	b = appendString(b, `,"place":`, place)
	b = appendString(b, `,"level":`, level)
	b = appendString(b, `,"competent":`, levelNames()[rec.competent])
	b = appendString(b, `,"category":[`, cat.Name[0])
	b = appendString(b, `,`, cat.Name[1])
	b = appendString(b, `,`, cat.Name[2])
	b = append(o.district.subject(append(b, `],"target":"`...), cat.about, rec.subject), '"')
	b = appendString(b, `,"purpose":`, purpose)
	b = append(b, `,"people":`...)
	if how == badPeople {
		b = append(b, `"several"`...)
	} else {
		b = appendPadded(b, uint64(rec.people), 1)
	}
	b = append(b, `,"text":"`...)
	start := len(b)
	b = append(escapeJSON(o.text(b, rec), start), '"')
	b = append(o.ref(append(b, `,"related":"`...), rec.related), '"')
	switch how {
	case cutShort: // no closing brace
	case strayQuote:
		b = append(b, `"}`...)
	default:
		b = append(b, '}')
	}
	o.buf = b
}

func (o *onlineJSONL) event(l *line, until int32) {
	rec := &l.rec
	at := rec.times[l.act]
	b := append(o.ref(append(o.buf, `{"type":"event","id":"`...), rec.refKey), `","event":"E`...)
	r := newRNG(rec.voice, uint64(l.act), uint64(at))
	b = appendPadded(b, uint64(rec.seq), 7)
	b = appendPadded(append(b, '-'), r.next()%100_000, 5)
	b = append(o.stamps.rfc(append(b, `","at":"`...), at), '"')
	if delay := int32(r.below(6 * hour)); r.chance(0.04) && at+delay <= until && len(o.stamps.sessions) == 0 {
		b = append(o.stamps.rfc(append(b, `,"known":"`...), at+delay), '"')
	}
	b = appendString(b, `,"act":`, actNames()[l.act])
	if l.act == transferred {
		b = appendString(b, `,"unit":`, o.unit(rec))
	}
	if l.act == transferred || l.act == extended {
		if due, ok := o.stamps.due(rec); ok {
			b = append(o.stamps.plain(append(b, `,"due":"`...), due, 'T'), `+08:00"`...)
		}
	}
	if l.act == rated {
		b = appendString(b, `,"rating":`, [...]string{"", "satisfied", "basically", "not"}[rec.rating])
	}
	o.buf = append(b, '}')
}

func levelNames() []string {
	return []string{"", "village", "township", "county", "city", "province", "nation"}
}

func purposeNames() []string {
	return []string{"complaint", "request", "suggestion", "inquiry", "thanks", "review", "re_review", "accusation"}
}

func actNames() []string {
	return []string{"transferred", "assigned", "accepted", "not_accepted", "returned", "extended", "replied", "closed",
		"called_back", "rated", "supervised", "reviewed", "re_reviewed", "concluded", "hearing", "visited"}
}

// appendString appends a key and a string that needs no escaping.
func appendString(b []byte, key, value string) []byte {
	b = append(append(b, key...), '"')
	return append(append(b, value...), '"')
}

// escapeJSON escapes what begins at start.
func escapeJSON(b []byte, start int) []byte {
	clean := true
	for _, c := range b[start:] {
		if c == '"' || c == '\\' || c < ' ' {
			clean = false
			break
		}
	}
	if clean {
		return b
	}
	field := string(b[start:])
	b = b[:start]
	for i := range len(field) {
		switch c := field[i]; c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, c)
		}
	}
	return b
}
