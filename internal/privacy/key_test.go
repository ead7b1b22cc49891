package privacy

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func testKey(t testing.TB) *Key {
	t.Helper()
	k, err := NewKey(bytes.Repeat([]byte{7}, keySize))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSpellingsShareOnePseudonym(t *testing.T) {
	k := testKey(t)
	seen := map[uint64]string{}
	for kind, all := range spellings {
		if kind == "e-mail" {
			continue
		}
		for _, identity := range all {
			if _, s := digit([]rune(identity)[0]); s == chinese {
				continue // a column never writes a number so
			}
			normal := Normalise(identity)
			p := k.Pseudonym(identity, "劳动社保", "330106001001")
			if p == 0 {
				t.Errorf("%q has no pseudonym", identity)
			}
			if before, ok := seen[p]; ok && before != normal {
				t.Errorf("%q and %q share a pseudonym", before, normal)
			}
			seen[p] = normal
		}
	}
	// mobile, Hangzhou, Beijing (two numbers), Ningbo, one card in both lengths, one card with a wrong check digit
	if len(seen) != 7 {
		t.Errorf("%d pseudonyms for 7 numbers: %v", len(seen), seen)
	}
}

func TestNormalise(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"+86 (571) 8765-4321", "057187654321"},
		{"110105491231002", "11010519491231002X"},
		{"11010519491231002x", "11010519491231002X"},
		{" li.wei_01 ", "li.wei_01"},
		{"Ｌｉｗｅｉ", "Liwei"},
		{"'13905711234", "13905711234"},
		{"12345", "12345"},
		{"330106001001", "330106001001"},
		{"劳动社保", "劳动社保"},
		{"", ""}, {"  ", ""}, {"无", ""}, {"不详", ""}, {"-", ""}, {"N/A", ""}, {"匿名网友", ""}, {"00000000000", ""}, {"0", ""},
	} {
		if got := Normalise(c.in); got != c.want {
			t.Errorf("Normalise(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestNormaliseOnce(t *testing.T) {
	for _, all := range spellings {
		for _, identity := range all {
			once := Normalise(identity)
			if twice := Normalise(once); twice != once {
				t.Errorf("Normalise(%q) = %q, and again %q", identity, once, twice)
			}
		}
	}
}

func TestPseudonym(t *testing.T) {
	k := testKey(t)
	if k.Pseudonym() != 0 || k.Pseudonym("13905711234", "", "330106") != 0 || k.Pseudonym("无") != 0 {
		t.Error("unknown must have no pseudonym")
	}
	if k.Pseudonym("ab", "c") == k.Pseudonym("a", "bc") {
		t.Error("parts run together")
	}
	other, err := NewKey(bytes.Repeat([]byte{8}, keySize))
	if err != nil {
		t.Fatal(err)
	}
	if k.Pseudonym("13905711234") == other.Pseudonym("13905711234") || k.Name() == other.Name() {
		t.Error("another key gives the same pseudonym or name")
	}
	// The form is stored in every data directory: a change of it parts every matter from its past.
	if got := k.Pseudonym("13905711234", "劳动社保", "330106001001"); got != golden {
		t.Errorf("pseudonym is %d, was %d", got, uint64(golden))
	}
}

const golden = 5927535271196646869

func TestPseudonymFromManyGoroutines(t *testing.T) {
	k := testKey(t)
	want := k.Pseudonym("13905711234")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if got := k.Pseudonym("139-0571-1234"); got != want {
					t.Errorf("%d, want %d", got, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestMaskRefKeepsValuesApart(t *testing.T) {
	k := testKey(t)
	a, b := k.MaskRef("HZ-13905711234"), k.MaskRef("HZ-13905711235")
	if a == b || strings.Contains(a, "1390571") || !strings.HasPrefix(a, "HZ-[电话 ") {
		t.Errorf("refs became %q and %q", a, b)
	}
	if again := k.MaskRef("HZ-139 0571 1234"); again != a {
		t.Errorf("another spelling became %q, not %q", again, a)
	}
	if k.MaskRef(a) != a || k.MaskRef("WX20261123") != "WX20261123" {
		t.Error("a ref without identity was changed")
	}
}

func TestOpenKeyCreatesOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "key")
	first, created, err := OpenKey(path)
	if err != nil || !created {
		t.Fatalf("created %v, %v", created, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	second, created, err := OpenKey(path)
	if err != nil || created || second.Name() != first.Name() || second.Pseudonym("13905711234") != first.Pseudonym("13905711234") {
		t.Errorf("opened again: created %v, %v", created, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) != 0 {
		t.Errorf("left behind %v", left)
	}
	if !strings.Contains(LossNotice(path), path) {
		t.Error("the notice does not name the file")
	}
}

func TestOpenKeyAtTheSameTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	names := make([]string, 8)
	var wg sync.WaitGroup
	for i := range names {
		wg.Go(func() {
			k, _, err := OpenKey(path)
			if err != nil {
				t.Error(err)
				return
			}
			names[i] = k.Name()
		})
	}
	wg.Wait()
	for _, name := range names {
		if name != names[0] {
			t.Fatalf("two keys: %v", names)
		}
	}
}

func TestOpenKeyRefuses(t *testing.T) {
	good := keyWord + " " + strings.Repeat("0a", keySize) + "\n"
	for _, c := range []struct {
		name, data string
		mode       os.FileMode
		want       string
	}{
		{"readable-by-group", good, 0o640, "chmod 600"},
		{"readable-by-all", good, 0o604, "chmod 600"},
		{"empty", "", 0o600, "holds no key"},
		{"comments-only", "# nothing\n", 0o600, "holds no key"},
		{"cut-short", good[:40], 0o600, "hex digits"},
		{"other-version", strings.Replace(good, "-1", "-2", 1), 0o600, "hex digits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, []byte(c.data), c.mode); err != nil {
				t.Fatal(err)
			}
			_, _, err := OpenKey(path)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want one with %q and the path", err, c.want)
			}
			if strings.Contains(err.Error(), "0a0a") {
				t.Errorf("the error tells the key: %v", err)
			}
		})
	}
	if _, _, err := OpenKey(t.TempDir()); err == nil {
		t.Error("a directory was opened as a key")
	}
}

func TestSeal(t *testing.T) {
	k := testKey(t)
	plain := []byte("来电号码,13905711234")
	sealed := k.Seal(plain, "reject 1")
	if bytes.Contains(sealed, plain[:8]) || len(sealed) != len(plain)+31 || bytes.Equal(sealed, k.Seal(plain, "reject 1")) {
		t.Error("not sealed")
	}
	if got, err := k.Unseal(sealed, "reject 1"); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := k.Unseal(k.Seal(nil, ""), ""); err != nil || len(got) != 0 {
		t.Errorf("empty: %q, %v", got, err)
	}
	if _, err := k.Unseal(sealed, "reject 2"); !errors.Is(err, ErrSeal) {
		t.Errorf("opened for another record: %v", err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := k.Unseal(bad, "reject 1"); err == nil {
			t.Errorf("opened with byte %d changed", i)
		}
	}
	for n := range len(sealed) {
		if _, err := k.Unseal(sealed[:n], "reject 1"); err == nil {
			t.Errorf("opened when cut to %d bytes", n)
		}
	}
	newer := bytes.Clone(sealed)
	newer[2] = 9
	if _, err := k.Unseal(newer, "reject 1"); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("newer form: %v", err)
	}
}

func BenchmarkPseudonym(b *testing.B) {
	k := testKey(b)
	b.ReportAllocs()
	for b.Loop() {
		k.Pseudonym("13905711234", "劳动社保", "330106001001")
	}
}
