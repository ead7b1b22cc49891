package problem

import (
	"fmt"
	"io"
	"strings"
)

// reportGitHub writes workflow commands, which GitHub Actions shows at the lines
// of a pull request. https://docs.github.com/actions/reference/workflow-commands
//
// Its columns are read only where a problem does not go on to another line, as
// none of ours does; endColumn is the last one marked.
func reportGitHub(w io.Writer, l List, _ func(string) []byte) error {
	for _, p := range l {
		properties := []string{"file=" + property(p.File)}
		if p.Line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", p.Line))
		}
		if p.Line > 0 && p.Column > 0 {
			properties = append(properties, fmt.Sprintf("col=%d", p.Column), fmt.Sprintf("endColumn=%d", p.Column+max(1, p.Width)-1))
		}
		properties = append(properties, "title="+property(p.Check))
		if _, err := fmt.Fprintf(w, "::%s %s::%s\n", p.Severity, strings.Join(properties, ","), data(p.full())); err != nil {
			return fmt.Errorf("write problems: %w", err)
		}
	}
	return nil
}

// data escapes what stands after the second ::. Properties end at , and : too.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(s))
}
