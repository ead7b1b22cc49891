// Command baseline says what plain methods reach on Boston's service requests,
// to set the figures of the rules beside. It reads the public file itself and
// shares no code with yujing, so its cases and outcomes are a check of the
// backtest's.
//
//	go run ./examples/boston311/baseline FILE.csv.gz
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"time"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("name the file of requests: baseline FILE.csv.gz")
	}
	file, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	requests, err := read(file)
	if err != nil {
		log.Fatal(err)
	}
	tell(os.Stdout, newCity(requests))
}

// tell fits on the first requests of January to March and judges those of May.
func tell(w io.Writer, city *city) {
	past, may := city.cohort(time.January, time.April), city.cohort(time.May, time.June)
	fmt.Fprintf(w, "May: %d cases, %d outcomes, base rate %.3f\n", len(may), outcomes(may), float64(outcomes(may))/float64(len(may)))
	fmt.Fprintln(w, "fitted on January to March, at recall 0.35 or the nearest above:")
	for _, m := range []struct {
		name   string
		scores []float64
	}{
		{"type's rate", typeRate(past, may)},
		{"type's rate, earlier here", typeRateTimesEarlier(past, may)},
		{"logistic, the record", regress(past, may, city.record)},
		{"logistic, the rules' facts", regress(past, may, city.facts)},
	} {
		f := judge(m.scores, may, 0.35)
		fmt.Fprintf(w, "%-28s warned %d, recall %.3f, lift %.2f [%.2f, %.2f]\n", m.name, f.warned, f.recall, f.lift, f.low, f.high)
	}
}
