package alerts

import "strings"

// maskAddress leaves of an address what tells it from its neighbours: logs and
// the deliveries table hold no phone number.
func maskAddress(address string) string {
	if user, domain, ok := strings.Cut(address, "@"); ok {
		return firstRune(user) + "***@" + domain
	}
	if digits := strings.Trim(address, "+0123456789- "); digits == "" && len(address) >= 7 {
		return "***" + address[len(address)-4:]
	}
	return address
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// masked takes an address out of a gateway's answer.
func masked(text, address string) string {
	if address == "" || maskAddress(address) == address {
		return text
	}
	return strings.ReplaceAll(text, address, maskAddress(address))
}
