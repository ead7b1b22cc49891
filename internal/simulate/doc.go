// Package simulate is a Chinese district whose complaints have known causes: it
// writes the feeds' own file formats and, apart from them, the truth. It serves
// the demo, the tests and the benchmarks. docs/simulator.md is its description;
// hazard.go holds the model by which matters come back.
//
// Everything follows from the seed: the same options write the same bytes.
package simulate
