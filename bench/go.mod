// The figures of docs/benchmarks.md. A module of its own, so that what is
// compared against never becomes a dependency of the program.
module yujing/bench

go 1.26
