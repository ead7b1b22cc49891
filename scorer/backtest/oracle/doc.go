// Package oracle computes backtests a second time, from docs/backtest.md alone:
// every instant and every row by plain loops and the evaluator, no SQL but one
// SELECT of all that is stored. Its tests hold the store's histories and the
// figures made of them to it.
package oracle
