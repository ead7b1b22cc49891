package ingest

import "testing"

// The matters of one place and category lie together, whoever complains; a name is
// told by the key alone, so that of a link or a ref, which may be of anywhere, has no area.
func TestNamesOfAnAreaBeginAlike(t *testing.T) {
	at := func(place string, keys ...Key) *draft {
		return &draft{Signal: Signal{Kind: Contact, Place: place, Category: [3]string{"城乡建设", "物业", ""}, Keys: keys}}
	}
	name := func(d *draft, key Key) CaseID { return caseOf(key, d.areaOf(key)) }
	a, b, far := name(at("330106001", 11), 11), name(at("330106001", 12), 12), name(at("330106002", 13), 13)
	if a == b || a>>48 != b>>48 || a>>48 == far>>48 {
		t.Errorf("two of one area are %s and %s, one of another is %s", a, b, far)
	}
	if d := at("330106001", 11, 12); name(d, 12) != b {
		t.Error("a second identity gives a matter another name")
	}
	if again := reopenedCase(11, 5, at("330106001", 11).areaOf(11)); again == a || again>>48 != a>>48 {
		t.Errorf("opened again, %s is %s", a, again)
	}
	source := at("330106001", 11)
	source.keyed = true
	for _, d := range []*draft{source, at("330106001"), at("", 11)} {
		if d.areaOf(11) != 0 {
			t.Errorf("%+v has an area", d)
		}
	}
}
