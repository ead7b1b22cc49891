package engine

import (
	"encoding/binary"
	"strings"
)

// helloQuery is what clickhouse-go asks first. It reads the answer at the protocol revision it asked for and then uses
// the revision in the answer. The library writes Native at revision 0 always, so the shim answers itself and says 0.
const helloQuery = "SELECT displayName(), version(), revision(), timezone()"

// serverZone is the zone of the engine process, in which a DateTime without one would be shown.
const serverZone = "UTC"

func isHello(sql string) bool { return strings.TrimSpace(sql) == helloQuery }

// Revisions of the native protocol at which the form of a block changed.
const (
	revisionBlockInfo           = 1
	revisionCustomSerialization = 54454
)

// hello is the answer, one row as a Native block at the client's revision.
func hello(clientRevision uint64, version string) []byte {
	var b []byte
	if clientRevision >= revisionBlockInfo {
		b = append(b, 1, 0)                                            // field 1, not overflowing
		b = binary.LittleEndian.AppendUint32(append(b, 2), 0xffffffff) // field 2, no bucket
		b = append(b, 0)
	}
	b = append(b, 4, 1) // columns, rows
	column := func(name, kind string, value []byte) {
		b = appendText(appendText(b, name), kind)
		if clientRevision >= revisionCustomSerialization {
			b = append(b, 0)
		}
		b = append(b, value...)
	}
	column("displayName()", "String", appendText(nil, "yujing"))
	column("version()", "String", appendText(nil, version))
	column("revision()", "UInt32", []byte{0, 0, 0, 0})
	column("timezone()", "String", appendText(nil, serverZone))
	return b
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}
