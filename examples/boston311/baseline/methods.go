package main

import (
	"maps"
	"math"
	"slices"
)

// typeRate scores a row by the share of its type's first requests that were
// followed by another, ten average ones added.
func typeRate(past, rows []*row) []float64 {
	mean := float64(outcomes(past)) / float64(len(past))
	byType := map[string][]*row{}
	for _, r := range past {
		byType[r.kind] = append(byType[r.kind], r)
	}
	scores := make([]float64, len(rows))
	for i, r := range rows {
		same := byType[r.kind]
		scores[i] = (float64(outcomes(same)) + 10*mean) / (float64(len(same)) + 10)
	}
	return scores
}

// typeRateTimesEarlier is the same times one more than the earlier requests at the place.
func typeRateTimesEarlier(past, rows []*row) []float64 {
	scores := typeRate(past, rows)
	for i, r := range rows {
		scores[i] *= 1 + float64(r.earlier)
	}
	return scores
}

const (
	ridge  = 1.0 // on every weight but the constant's
	sweeps = 100
)

// regress fits a logistic regression to the past and scores rows by its log odds.
func regress(past, rows []*row, see func(*row) columns) []float64 {
	m := &model{weights: columns{}, margin: make([]float64, len(past)), past: past, cells: map[string][]cell{}}
	for i, r := range past {
		m.cells[""] = append(m.cells[""], cell{i, 1})
		for name, x := range see(r) {
			m.cells[name] = append(m.cells[name], cell{i, x})
		}
	}
	m.fit()
	scores := make([]float64, len(rows))
	for i, r := range rows {
		x := see(r)
		scores[i] = m.weights[""] // the constant
		for _, name := range slices.Sorted(maps.Keys(x)) {
			scores[i] += m.weights[name] * x[name]
		}
	}
	return scores
}

// model is fitted column by column (coordinate descent, Newton's step in each).
type model struct {
	past    []*row
	cells   map[string][]cell
	weights columns
	margin  []float64 // log odds of each row of the past
}

// cell is a column's value in a row.
type cell struct {
	row int
	x   float64
}

func (m *model) fit() {
	names := slices.Sorted(maps.Keys(m.cells))
	for range sweeps {
		for _, name := range names {
			m.step(name)
		}
	}
}

func (m *model) step(name string) {
	var slope, curve float64
	if name != "" {
		slope, curve = ridge*m.weights[name], ridge
	}
	for _, c := range m.cells[name] {
		p := 1 / (1 + math.Exp(-m.margin[c.row]))
		slope += c.x * (p - truth(m.past[c.row].outcome))
		curve += c.x * c.x * p * (1 - p)
	}
	move := slope / curve
	m.weights[name] -= move
	for _, c := range m.cells[name] {
		m.margin[c.row] -= move * c.x
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
