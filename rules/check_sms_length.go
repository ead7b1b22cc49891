package rules

import "unicode/utf16"

// nameTooLongForSMS finds the name of a risk that makes a text message longer
// than one part at its worst. The name is all that rule files bring into a text
// message: its other words are fixed, and rule texts never go out that way.
func (s *subject) nameTooLongForSMS(room int) {
	units := len(utf16.Encode([]rune(s.risk.Name.ZH)))
	if room > 0 && units > room {
		s.warn(scalarOf(s.keys["name"], "zh"), "sms-length", "choose a shorter Chinese name; e-mail and console show the same one",
			"the name of risk %s takes %d characters; a text message of one part has room for %d", s.risk.ID, units, room)
	}
}
