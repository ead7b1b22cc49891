package ingest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/expr-lang/expr/vm"

	"yujing/internal/privacy"
	"yujing/internal/problem"
)

// mapper runs a source's mapping on records. One per goroutine: it reuses its
// buffers and its machine for expressions.
type mapper struct {
	source *Source
	key    *privacy.Key
	clock  clock
	harm   harm

	bindings map[*Header]*binding
	bound    *binding
	fields   []string
	vm       vm.VM
	env      map[string]any
	buf      []byte
	parts    []string
	drafts   []draft // of the present record
	arena    []draft // of which records take what they need

	ref, masked string // the last ref and its masked form: a record's signals share one
}

// binding is where a header has the columns of a mapping.
type binding struct {
	index []int  // by column; -1 = not in the header
	fault *Fault // why records under this header cannot be mapped
}

// mapped is what became of one record: drafts of signals, or a fault.
type mapped struct {
	record  *Record
	file    *FileReport
	was     *Reject // the reject that this record was until now; nil if it comes from a feed
	id      string  // of the record
	key     Key     // of the record, if its ref can change
	updated time.Time
	drafts  []draft
	fault   *Fault
}

// draft is a signal that does not know its matter yet.
type draft struct {
	Signal
	ref        Key  // of its ref
	knownGiven bool // KnownAt is a mapped column's, not at + delay
	keyed      bool // Keys holds what the source defines, not identities

	matter CaseID // set when it is resolved
	person uint64
}

func newMapper(source *Source, key *privacy.Key) *mapper {
	return &mapper{source: source, key: key, clock: source.mapping.clock, harm: newHarm(),
		bindings: map[*Header]*binding{}, env: map[string]any{}}
}

// bind finds a mapping's columns in a header, once per header.
func (m *mapper) bind(h *Header) *binding {
	if b, ok := m.bindings[h]; ok {
		return b
	}
	if len(m.bindings) >= manyHeaders {
		clear(m.bindings)
	}
	b := m.source.mapping.bind(h)
	m.bindings[h] = b
	return b
}

func (mp *mapping) bind(h *Header) *binding {
	b := &binding{index: make([]int, len(mp.columns))}
	var missing []string
	for i, name := range mp.columns {
		b.index[i] = slices.Index(h.Columns, name)
		if b.index[i] < 0 && !mp.optional[i] {
			missing = append(missing, mp.missing(h, name))
		}
		if b.index[i] >= 0 && slices.Contains(h.Columns[b.index[i]+1:], name) {
			b.fault = &Fault{Reason: fmt.Sprintf("column %q stands twice in the header", name), Remedy: "rename one of the two"}
			return b
		}
	}
	if len(missing) > 0 {
		b.fault = &Fault{Reason: strings.Join(missing, "; "),
			Remedy: "correct the header or the mapping, then run: yujing rejects retry"}
		return b
	}
	b.fault = mp.misspelt(h, b)
	return b
}

// missing says which column is not there and which one may be meant.
func (mp *mapping) missing(h *Header, name string) string {
	message := fmt.Sprintf("no column %q", name)
	if near := problem.Nearest(name, mp.unknown(h)); near != "" {
		message += fmt.Sprintf(" (there is %q)", shown(near))
	}
	return message
}

// unknown are the columns of a header that the definition does not name.
func (mp *mapping) unknown(h *Header) []string {
	var names []string
	for _, name := range h.Columns {
		if _, known := mp.ordinal[name]; !known && !mp.ignored[name] {
			names = append(names, name)
		}
	}
	return names
}

// misspelt notices an optional column that stands there under nearly its name:
// it must not read as empty.
func (mp *mapping) misspelt(h *Header, b *binding) *Fault {
	for i, name := range mp.columns {
		if b.index[i] >= 0 {
			continue
		}
		near := problem.Nearest(name, mp.unknown(h))
		if near != "" && len([]rune(name)) > 3 {
			return &Fault{Reason: fmt.Sprintf("no column %q, but there is %q", name, shown(near)),
				Remedy: "correct the spelling; if the two are different things, list the latter under ignore: in the source's definition"}
		}
	}
	return nil
}

// cell is the value of a column in the present record: trimmed, "" for nothing.
func (m *mapper) cell(column int) string {
	i := m.bound.index[column]
	if i < 0 || i >= len(m.fields) {
		return ""
	}
	s := strings.TrimSpace(m.fields[i])
	if m.source.mapping.nulls[s] {
		return ""
	}
	return s
}

// mapRecord turns a record into drafts of signals. The result has a fault, or
// at least one draft.
func (m *mapper) mapRecord(rec *Record) mapped {
	out := mapped{record: rec}
	if rec.Fault != nil {
		out.fault = rec.Fault
		return out
	}
	m.bound, m.fields = m.bind(rec.Header), rec.Fields
	if m.bound.fault != nil {
		out.fault = m.bound.fault
		return out
	}
	err := m.signals(&out)
	if err == nil && len(out.drafts) == 0 {
		err = &Fault{Reason: "no signal of the mapping applies to this record", Remedy: "see the when: of the signals in the source's definition"}
	}
	if err != nil {
		out.drafts = nil
		fault, ok := err.(*Fault)
		if !ok {
			fault = &Fault{Reason: err.Error()}
		}
		out.fault = fault
	}
	return out
}

func (m *mapper) signals(out *mapped) (err error) {
	mp := &m.source.mapping
	if out.id, err = m.recordID(); err != nil {
		return err
	}
	if mp.apart {
		out.key = Key(hash64("record", m.source.ID, out.id))
	}
	if out.updated, err = m.instant(mp.updated); err != nil {
		return err
	}
	m.drafts = m.drafts[:0]
	for i := range mp.signals {
		s := &mp.signals[i]
		occurs, err := m.occurs(s)
		if err != nil {
			return m.in(s, err)
		}
		if !occurs {
			continue
		}
		m.drafts = append(m.drafts, draft{})
		if err := m.draft(s, out, &m.drafts[len(m.drafts)-1]); err != nil {
			return m.in(s, err)
		}
	}
	flagTimes(m.drafts)
	out.drafts = m.keep(m.drafts)
	return nil
}

// keep copies drafts to where they can stay.
func (m *mapper) keep(drafts []draft) []draft {
	if cap(m.arena)-len(m.arena) < len(drafts) {
		m.arena = make([]draft, 0, max(256, len(drafts)))
	}
	from := len(m.arena)
	m.arena = append(m.arena, drafts...)
	return m.arena[from:len(m.arena):len(m.arena)]
}

// in says in which signal of the mapping an error arose.
func (m *mapper) in(s *signal, err error) error {
	if fault, ok := err.(*Fault); ok && len(m.source.mapping.signals) > 1 {
		return &Fault{Line: fault.Line, Reason: "signal " + s.name + ": " + fault.Reason, Remedy: fault.Remedy}
	}
	return err
}

// occurs: as its when: says; without one, an action occurred if it has a time.
func (m *mapper) occurs(s *signal) (bool, error) {
	if s.when != nil {
		return m.holds(s.when)
	}
	if s.kind == Action && s.at != nil && s.at.column >= 0 {
		return m.cell(s.at.column) != "", nil
	}
	return true, nil
}

// recordID is what the record columns say, with identities as pseudonyms: the
// hash of an identity alone could be found by trying.
func (m *mapper) recordID() (string, error) {
	mp := &m.source.mapping
	if len(mp.record) == 1 && !mp.identity[mp.record[0]] {
		if s := m.cell(mp.record[0]); s != "" {
			return m.maskRef(s), nil
		}
	}
	var id []byte
	empty := true
	for _, column := range mp.record {
		s := m.cell(column)
		empty = empty && s == ""
		switch {
		case mp.identity[column] && s != "":
			s = strconv.FormatUint(m.key.Pseudonym(s), 16)
		default:
			s = m.key.MaskRef(s)
		}
		id = appendText(id, s)
	}
	if empty {
		return "", &Fault{Reason: "the record has no id: " + m.recordColumns() + " is empty", Remedy: "give it one, or name other columns under record: in the source's definition"}
	}
	return string(id), nil
}

func (m *mapper) recordColumns() string {
	names := make([]string, len(m.source.mapping.record))
	for i, column := range m.source.mapping.record {
		names[i] = m.source.mapping.columns[column]
	}
	return strings.Join(names, ", ")
}

// draft fills one signal.
func (m *mapper) draft(s *signal, out *mapped, d *draft) error {
	d.Source, d.Name, d.Kind, d.Updated = m.source.ID, s.name, s.kind, out.updated
	d.ID = signalID(m.source.ID, out.id, s.name)
	for _, step := range []func(*signal, *mapped, *draft) error{m.refOf, m.timesOf, m.wordsOf, m.textsOf, m.numbersOf, m.complainant} {
		if err := step(s, out, d); err != nil {
			return err
		}
	}
	d.Group = groupOf(&d.Signal)
	d.Version = m.version(&d.Signal)
	return nil
}

func (m *mapper) refOf(s *signal, out *mapped, d *draft) error {
	ref, err := m.text(s.ref)
	if err != nil {
		return err
	}
	mp := &m.source.mapping
	switch {
	case s.ref != nil && ref == "":
		return &Fault{Reason: "the ref" + m.from(s.ref) + " is empty", Remedy: "give the record its number"}
	case s.ref != nil:
		d.Ref = m.maskRef(ref)
	case len(mp.record) == 1 && !mp.identity[mp.record[0]]:
		d.Ref = out.id
	default:
		d.Ref = signalID(m.source.ID, out.id, "").String()[:12]
	}
	d.ref = RefKey(m.source.ID, d.Ref)
	return nil
}

func (m *mapper) maskRef(ref string) string {
	if ref != m.ref {
		m.ref, m.masked = ref, m.key.MaskRef(ref)
	}
	return m.masked
}

// timesOf: At zero = when it is stored; KnownAt zero = when it is stored.
func (m *mapper) timesOf(s *signal, _ *mapped, d *draft) (err error) {
	if !s.atStored {
		if d.At, err = m.instant(s.at); err != nil {
			return err
		}
		if d.At.IsZero() {
			return &Fault{Reason: "at" + m.from(s.at) + " is empty", Remedy: "give the record the time at which it happened"}
		}
	}
	if d.Due, err = m.instant(s.due); err != nil || s.knownStored {
		return err
	}
	if d.KnownAt, err = m.instant(s.knownAt); err != nil {
		return err
	}
	d.knownGiven = !d.KnownAt.IsZero()
	if !d.knownGiven {
		d.KnownAt = d.At.Add(s.delay)
	}
	d.KnownAt = latest(d.KnownAt, d.At)
	if d.knownGiven && d.Updated.IsZero() {
		d.Updated = d.KnownAt // the later knowledge is the newer version
	}
	return m.guard(s, d)
}

// guard keeps a signal from being known before the times that govern what it
// reads. If none of such times is told, the signal is known when it is stored.
func (m *mapper) guard(s *signal, d *draft) error {
	for _, columns := range s.guards {
		told := false
		for _, column := range columns {
			text := m.cell(column)
			if text == "" {
				continue
			}
			t, err := m.clock.parse(text)
			if err != nil {
				return err
			}
			d.KnownAt, told = latest(d.KnownAt, t), true
		}
		if !told {
			d.KnownAt, d.knownGiven = time.Time{}, false
			return nil
		}
	}
	return nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// wordsOf fills the fields that hold one of a few words.
func (m *mapper) wordsOf(s *signal, _ *mapped, d *draft) (err error) {
	for _, f := range []struct {
		to   *string
		from *value
	}{{&d.Channel, s.channel}, {&d.Purpose, s.purpose}, {&d.Act, s.act}, {&d.Rating, s.rating}} {
		if *f.to, err = m.text(f.from); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		to   *Level
		from *value
	}{{&d.Level, s.level}, {&d.Competent, s.competent}} {
		word, err := m.text(f.from)
		if err != nil {
			return err
		}
		*f.to = levelOf(word)
	}
	return nil
}

// textsOf fills the free texts, masked. What a text threatens is looked for before.
func (m *mapper) textsOf(s *signal, _ *mapped, d *draft) error {
	for _, f := range []struct {
		to   *string
		from *value
	}{{&d.Place, s.place}, {&d.Subject, s.subject}, {&d.Unit, s.unit}, {&d.Text, s.text}} {
		text, err := m.text(f.from)
		if err != nil {
			return err
		}
		*f.to = privacy.Mask(text)
		if f.to == &d.Text && text != "" && m.harm.in(text) {
			d.Flags = append(d.Flags, FlagHarm)
		}
	}
	if err := m.categoryOf(s, d); err != nil {
		return err
	}
	for _, a := range s.attrs {
		text, err := m.text(a.value)
		if err != nil {
			return err
		}
		if text == "" {
			continue
		}
		if d.Attrs == nil {
			d.Attrs = make(map[string]string, len(s.attrs))
		}
		d.Attrs[a.name] = privacy.Mask(text)
	}
	return nil
}

// categoryOf takes up to three columns, or one expression that gives a list.
func (m *mapper) categoryOf(s *signal, d *draft) error {
	if len(s.category) == 1 && s.category[0].expr != nil && s.category[0].expr.list {
		result, err := m.run(s.category[0])
		if err != nil {
			return err
		}
		parts, ok := result.([]string)
		if !ok {
			return &Fault{Reason: fmt.Sprintf("category: its expression gives a %T", result), Remedy: "give a list of texts, as split(...) does"}
		}
		for i := range min(len(parts), len(d.Category)) {
			d.Category[i] = privacy.Mask(strings.TrimSpace(parts[i]))
		}
		return nil
	}
	for i, v := range s.category {
		text, err := m.text(v)
		if err != nil {
			return err
		}
		d.Category[i] = privacy.Mask(text)
	}
	return nil
}

// mostPeople is more than any petition ever spoke for.
const mostPeople = 1_000_000

// numbersOf: a contact speaks for one person unless it says otherwise.
func (m *mapper) numbersOf(s *signal, _ *mapped, d *draft) error {
	if s.kind != Contact {
		return nil
	}
	d.People = 1
	if s.people == nil {
		return nil
	}
	n, err := m.number(s.people)
	if err != nil {
		return err
	}
	d.People = max(1, n)
	return nil
}

func (m *mapper) number(v *value) (int, error) {
	text, err := m.numberText(v)
	if err != nil || text == "" {
		return 0, err
	}
	digits := strings.TrimRight(text, "人名位")
	n, err := strconv.Atoi(strings.TrimSuffix(digits, ".0"))
	if err != nil || n < 0 || n > mostPeople {
		return 0, &Fault{Reason: fmt.Sprintf("%s%s: %q is no number of people", v.field, m.from(v), shown(text)),
			Remedy: fmt.Sprintf("write a whole number up to %d", mostPeople)}
	}
	return n, nil
}

// numberText is what a column or an expression says, as text also where an
// expression gives a number: what holds for the one holds for the other.
func (m *mapper) numberText(v *value) (string, error) {
	if v.expr != nil {
		result, err := m.run(v)
		if err != nil {
			return "", err
		}
		if n, ok := result.(int); ok {
			return strconv.Itoa(n), nil
		}
	}
	return m.text(v)
}

// complainant makes pseudonyms of the identities and keys of what can tell the matter.
func (m *mapper) complainant(s *signal, _ *mapped, d *draft) error {
	if s.kind != Contact {
		return nil
	}
	link, err := m.text(s.link)
	if err != nil {
		return err
	}
	if link != "" {
		d.Link = RefKey(m.source.ID, m.key.MaskRef(link))
	}
	topic := ""
	if d.Category[1] != "" {
		topic = d.Category[0] + "/" + d.Category[1]
	}
	for _, v := range s.who {
		identity, err := m.text(v)
		if err != nil {
			return err
		}
		if p := m.key.Pseudonym(identity); p != 0 && !slices.Contains(d.Who, p) {
			d.Who = append(d.Who, p)
			if k := Key(m.key.Pseudonym(identity, topic, d.Place)); k != 0 && s.key == nil {
				d.Keys = append(d.Keys, k)
			}
		}
	}
	return m.ownKey(s, d)
}

// ownKey is the key that the source itself defines. An empty part joins nothing.
func (m *mapper) ownKey(s *signal, d *draft) error {
	if s.key == nil {
		return nil
	}
	m.parts = append(m.parts[:0], "key", m.source.ID)
	for _, v := range s.key {
		part, err := m.text(v)
		if err != nil {
			return err
		}
		m.parts = append(m.parts, part)
	}
	if k := Key(m.key.Pseudonym(m.parts...)); k != 0 {
		d.Keys, d.keyed = append(d.Keys, k), true
	}
	return nil
}

// groupOf is the key under which contacts of different people belong together:
// the subject if given, else place and second-level category; 0 if a part is missing.
func groupOf(s *Signal) uint64 {
	switch {
	case s.Kind != Contact:
		return 0
	case s.Subject != "":
		return hash64("group of subject", s.Subject)
	}
	return areaOf(s)
}

// areaOf is a number of the place and second-level category; 0 if a part is missing.
func areaOf(s *Signal) uint64 {
	if s.Place == "" || s.Category[1] == "" {
		return 0
	}
	return hash64("group of place", s.Place, s.Category[0], s.Category[1])
}

// flagTimes flags what an office did before the citizen spoke.
func flagTimes(drafts []draft) {
	var spoke time.Time
	for i := range drafts {
		if drafts[i].Kind == Contact && (spoke.IsZero() || drafts[i].At.Before(spoke)) {
			spoke = drafts[i].At
		}
	}
	for i := range drafts {
		d := &drafts[i]
		if d.Kind == Action && !d.At.IsZero() && d.At.Before(spoke) {
			d.Flags = append(d.Flags, FlagTimes)
		}
	}
}

// version is a hash of what a signal says. Not of when it was known or stored,
// of its flags or its keys: these follow from the rest or are no news.
func (m *mapper) version(s *Signal) uint64 {
	b := m.buf[:0]
	for _, text := range [...]string{s.Ref, string(s.Kind), s.Channel, s.Place, s.Category[0], s.Category[1], s.Category[2],
		s.Subject, s.Purpose, s.Unit, s.Text, s.Act, s.Rating} {
		b = appendText(b, text)
	}
	b = append(b, byte(s.Level), byte(s.Competent))
	b = binary.AppendUvarint(b, uint64(s.People))
	for _, t := range [...]time.Time{s.At, s.Due} {
		if t.IsZero() {
			b = append(b, 0)
			continue
		}
		b = binary.AppendVarint(append(b, 1), t.UnixMilli())
	}
	b = binary.AppendUvarint(b, uint64(len(s.Who)))
	for _, w := range s.Who {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	if len(s.Attrs) > 0 {
		for _, k := range slices.Sorted(maps.Keys(s.Attrs)) {
			b = appendText(appendText(b, k), s.Attrs[k])
		}
	}
	m.buf = b
	return xxhash.Sum64(b)
}

// appendText appends a text with its length before it.
func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}
