package rules

import (
	"fmt"
	"reflect"
)

// kind is what a value of the language is.
type kind uint8

const (
	kindInvalid kind = iota // a mistake was told already; say no more
	kindNil
	kindBool
	kindInt
	kindFloat
	kindText
	kindTime
	kindRecord   // a signal or the case
	kindList     // of elem
	kindCategory // three texts
	kindAttrs    // texts by key
)

// typ is the type of an expression. opt says that the value may be unknown;
// such an expression stands only under ??, == nil, != nil and ?. .
type typ struct {
	kind   kind
	opt    bool
	elem   *typ    // of a list
	fields *record // of a record
	group  bool    // a list that came from group: aggregates only
}

// record is a kind of element: its fields by name.
type record struct {
	name   string // for messages
	fields map[string]typ
}

func (t typ) number() bool { return t.kind == kindInt || t.kind == kindFloat }

// plain says that a value is a number, a text, a time or a truth, known or not.
func (t typ) plain() bool {
	return t.number() || t.kind == kindBool || t.kind == kindText || t.kind == kindTime
}

func (t typ) signals() bool {
	return t.kind == kindList && t.elem.kind == kindRecord
}

// String is the type as documents and messages write it.
func (t typ) String() string {
	names := [...]string{"?", "nil", "bool", "int", "float", "text", "time", "", "", "category", "attrs"}
	s := names[t.kind]
	switch t.kind {
	case kindRecord:
		s = t.fields.name
	case kindList:
		s = "list of " + t.elem.String()
		if t.elem.kind == kindRecord {
			s = "list of signals"
		}
	}
	if t.opt {
		s += "?"
	}
	return s
}

// same says that a value of one type may stand where the other does; int widens to float.
func same(a, b typ) bool {
	if a.kind == kindInvalid || b.kind == kindInvalid {
		return true
	}
	if a.number() && b.number() {
		return true
	}
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case kindList:
		return same(*a.elem, *b.elem) && a.group == b.group
	case kindRecord:
		return a.fields == b.fields
	}
	return true
}

// join is the type of a value that is one or the other.
func join(a, b typ) typ {
	t := a
	if a.kind == kindInvalid || (a.kind == kindInt && b.kind == kindFloat) {
		t = b
	}
	t.opt = a.opt || b.opt
	return t
}

// fieldTypes reads the words and types of a struct of the vocabulary.
func fieldTypes(t reflect.Type, lists map[string]typ) map[string]typ {
	fields := map[string]typ{}
	for i := range t.NumField() {
		f := t.Field(i)
		if name := f.Tag.Get("expr"); name != "" && f.IsExported() {
			fields[name] = fieldType(f, lists)
		}
	}
	return fields
}

func fieldType(f reflect.StructField, lists map[string]typ) typ {
	if tag := f.Tag.Get("type"); tag != "" {
		if t, ok := lists[tag]; ok {
			return t
		}
		t, ok := map[string]typ{"time": {kind: kindTime}, "time?": {kind: kindTime, opt: true},
			"int?": {kind: kindInt, opt: true}, "text?": {kind: kindText, opt: true}}[tag]
		if ok {
			return t
		}
	}
	switch f.Type.Kind() {
	case reflect.Bool:
		return typ{kind: kindBool}
	case reflect.Int:
		return typ{kind: kindInt}
	case reflect.Float64:
		return typ{kind: kindFloat}
	case reflect.String:
		return typ{kind: kindText}
	case reflect.Array:
		return typ{kind: kindCategory}
	case reflect.Map:
		return typ{kind: kindAttrs}
	case reflect.Struct:
		return lists[f.Type.Name()]
	}
	panic(fmt.Sprintf("rules: the vocabulary's field %s has no type of the language", f.Name)) // a mistake in vocabulary.go: every test shows it
}

// scope is what one kind of expression can name.
type scope struct {
	names map[string]typ // variables
	kinds []string       // of deadlines, in the order of the table; nil where there are none
	env   any            // the struct that expr compiles against
}

// ruleScope is the scope of conditions and texts.
func ruleScope(kinds []string) *scope {
	signal := &record{"signal", fieldTypes(reflect.TypeFor[Element](), nil)}
	matter := &record{"case", fieldTypes(reflect.TypeFor[Case](), nil)}
	element := typ{kind: kindRecord, fields: signal}
	list := typ{kind: kindList, elem: &element}
	group := typ{kind: kindList, elem: &element, group: true}
	names := fieldTypes(reflect.TypeFor[Vocabulary[[]Element]](), map[string]typ{
		"contacts": list, "actions": list, "group": group, "Case": {kind: kindRecord, fields: matter}})
	return &scope{names, kinds, rowEnv[[]Element]{}}
}

// outcomeScope is the scope of outcomes, whose signals have no age and are all of the row.
func outcomeScope() *scope {
	signal := &record{"signal", fieldTypes(reflect.TypeFor[Element](), nil)}
	delete(signal.fields, "age")
	delete(signal.fields, "mine")
	element := typ{kind: kindRecord, fields: signal}
	names := fieldTypes(reflect.TypeFor[Outcome[[]Element]](), map[string]typ{
		"before": {kind: kindList, elem: &element}, "Element": element})
	return &scope{names, nil, outcomeEnv[[]Element]{}}
}
