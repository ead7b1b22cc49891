package report

import "yujing/rules"

// table is a table as the page shows it: on a narrow screen each row becomes a
// card, in which every figure stands behind its column's name.
type table struct {
	Caption rules.Text
	Note    rules.Text // below the caption
	Columns []column
	Rows    []row
	More    []row // folded away
}

// Rest is the table of the rows that are folded away.
func (t table) Rest() table { return table{Columns: t.Columns, Rows: t.More} }

// column is the head of a column.
type column struct {
	rules.Text
	Words bool // holds words: set to the left
}

// row is the cells of a row; the first one names it.
type row struct {
	Cells []cell
	Faint bool // a rule that counts for nothing, ...
}

// cell is a figure, or words, and what belongs to it.
type cell struct {
	Text     rules.Text
	Code     string // an id, under the words
	Value    string
	Interval string     // 95 %
	Note     rules.Text // why there is no figure, or what is to be said of it
	Mark     rules.Text // draws attention
	Bars     []bar
}

// Empty says that there is nothing to show: a figure that has no interval.
func (c cell) Empty() bool { return c.Value == "" && c.Text == rules.Text{} }

// bar is a length beside a figure, in percent of the widest.
type bar struct {
	Kind  string // a class of the style sheet
	Width string
}

func columns(words int, names ...rules.Text) []column {
	list := make([]column, len(names))
	for i, name := range names {
		list[i] = column{name, i < words}
	}
	return list
}

// words is a cell of words.
func words(t rules.Text) cell { return cell{Text: t} }

// number is a cell of a count.
func number(n int) cell { return cell{Value: itoa(n)} }
