package alerts

// Cut has the engine's lanes die after a stage, as a crash would have them.
func (e *Engine) Cut(cut func(stage, lane string) bool) { e.cut = cut }

// StageNames lists the stages in order.
func StageNames() (names []string) {
	for _, s := range stages() {
		names = append(names, s.name)
	}
	return names
}

var MaskAddress = maskAddress
