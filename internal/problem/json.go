package problem

import (
	"encoding/json"
	"fmt"
	"io"
)

// reportJSON writes one object a line.
func reportJSON(w io.Writer, l List, _ func(string) []byte) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, p := range l {
		if err := encoder.Encode(p); err != nil {
			return fmt.Errorf("write problems: %w", err)
		}
	}
	return nil
}
