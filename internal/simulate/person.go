package simulate

// A person is a number. Phone and ID number follow from it, each number of its
// own; nothing else about a person exists.

// phone is an 11-digit mobile number in a segment that no operator has.
func phone(dst []byte, person uint64) []byte {
	segments := [...]string{"160", "161", "163", "164", "168", "169"}
	x := (person*277_777_793 + 31_415_926) % 600_000_000 // 277777793 is coprime to 6e8
	dst = append(dst, segments[x/100_000_000]...)
	return appendPadded(dst, x%100_000_000, 8)
}

// idNumber is an 18-digit ID number with a valid checksum whose first six digits
// belong to no place. Births lie from 1950 to 1999.
func idNumber(dst []byte, person uint64) []byte {
	const days, serials = 50 * 365, 999
	x := (person*7_654_321 + 2_718_281) % (days * serials) // coprime
	start := len(dst)
	dst = append(dst, districtCode...)
	year, day := 1950+x%days/365, x%days%365
	dst = appendPadded(dst, year, 4)
	month, dom := monthAndDay(int(day))
	dst = appendPadded(appendPadded(dst, uint64(month), 2), uint64(dom), 2)
	dst = appendPadded(dst, 1+x/days, 3)
	return append(dst, checkDigit(dst[start:]))
}

// monthAndDay of the day-th day (from 0) of a common year.
func monthAndDay(day int) (int, int) {
	for i, n := range [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31} {
		if day < n {
			return i + 1, day + 1
		}
		day -= n
	}
	return 12, 31
}

// checkDigit is that of GB 11643 (ISO 7064 MOD 11-2) for 17 digits.
func checkDigit(digits []byte) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(digits[i]-'0')
	}
	return "10X98765432"[sum%11]
}

// account is the name in the online platform.
func account(dst []byte, person uint64) []byte {
	const letters = "abcdefghijkmnpqrstuvwxyz"
	dst = append(dst, "qc_"...)
	for x := person*2_654_435_761 + 97; x > 0; x /= uint64(len(letters)) {
		dst = append(dst, letters[x%uint64(len(letters))])
	}
	return dst
}

// spellPhone writes a number the way people do: mostly plain, now and then with
// spaces, hyphens, a country code or full-width digits.
func spellPhone(dst []byte, person uint64, r *rng) []byte {
	var buf [16]byte
	p := phone(buf[:0], person)
	switch r.below(60) {
	case 0:
		return join(dst, ' ', p[:3], p[3:7], p[7:])
	case 1:
		return join(dst, '-', p[:3], p[3:7], p[7:])
	case 2:
		return append(append(dst, "+86"...), p...)
	case 3:
		return append(append(dst, "0086-"...), p...)
	case 4:
		for _, c := range p {
			dst = append(dst, string(rune(c)-'0'+0xFF10)...) // full width
		}
		return dst
	}
	return append(dst, p...)
}

// spellID likewise: lower-case x, and of old cards the 15 digits.
func spellID(dst []byte, person uint64, r *rng) []byte {
	start := len(dst)
	dst = idNumber(dst, person)
	id := dst[start:]
	switch n := r.below(50); {
	case n < 15 && id[17] == 'X':
		id[17] = 'x'
	case n == 20:
		return append(append(dst[:start], string(id[:6])...), string(id[8:17])...)
	case n == 21:
		return join(dst[:start], ' ', []byte(string(id[:6])), []byte(string(id[6:14])), []byte(string(id[14:])))
	}
	return dst
}

func join(dst []byte, sep byte, parts ...[]byte) []byte {
	for i, p := range parts {
		if i > 0 {
			dst = append(dst, sep)
		}
		dst = append(dst, p...)
	}
	return dst
}
