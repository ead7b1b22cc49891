package ingest

import (
	"crypto/sha256"
	"encoding/binary"
)

// RefKey is the key of a ref: what the command line, links and actions find a
// matter by. ref is the ref as stored (see Signal.Ref).
func RefKey(source, ref string) Key {
	if ref == "" {
		return 0
	}
	return Key(hash64("ref", source, ref))
}

// caseOf names a matter after the key that opened it, so that its name does not
// depend on the order in which its contacts were imported.
func caseOf(opened Key, area uint64) CaseID {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(opened))
	return within(area, hash64("case", string(b[:])))
}

// reopenedCase names the matter that a contact opens under a key whose earlier
// matter is concluded or long silent.
func reopenedCase(key, ref Key, area uint64) CaseID {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], uint64(key))
	binary.LittleEndian.PutUint64(b[8:], uint64(ref))
	return within(area, hash64("reopened", string(b[:])))
}

// within gives a name the first two bytes of an area. Signals are stored by the
// names of their matters, so the matters of one place and category, which rules
// look at together, lie together. What is left of the name tells apart those of an
// area; without an area it is the whole of it.
func within(area, name uint64) CaseID {
	if area == 0 {
		return CaseID(name)
	}
	return CaseID(max(1, area>>48<<48|name>>16))
}

// signalID is the identity of a signal: the same record gives the same ids.
func signalID(source, record, name string) ID {
	var id ID
	sum := hashParts("signal", source, record, name)
	copy(id[:], sum[:16])
	return id
}

// hash64 is never 0, which stands for "none".
func hash64(parts ...string) uint64 {
	sum := hashParts(parts...)
	return max(1, binary.LittleEndian.Uint64(sum[:8]))
}

// hashParts is SHA-256 over the length-prefixed parts, so that ("a", "bc") and
// ("ab", "c") differ.
func hashParts(parts ...string) [sha256.Size]byte {
	var buf [512]byte
	b := buf[:0]
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}
