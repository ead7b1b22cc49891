// Package privacy keeps identities out of the store. At the door a complainant's
// phone, ID card and account become keyed pseudonyms ([Key.Pseudonym]), numbers
// in any text are masked ([Mask]), and a record that must be kept as it came is
// sealed ([Key.Seal]). Nothing here looks an identity up again.
package privacy

import (
	"bufio"
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// keySize is the length of the deployment's key in bytes.
const keySize = 32

// keyWord begins the line of a key file that holds the key.
const keyWord = "yujing-key-1"

// Key is the deployment's key. Pseudonyms and seals are made under keys derived
// from it, one for each use. Safe for concurrent use.
type Key struct {
	name string
	seal []byte
	macs sync.Pool // of *mac under the pseudonym key
}

// mac is an HMAC with room for its sum and one part, so that a pseudonym
// costs no allocation.
type mac struct {
	hash.Hash
	sum [sha256.Size]byte
	buf []byte // a part with its length before it
}

// NewKey makes a key from 32 secret bytes.
func NewKey(secret []byte) (*Key, error) {
	if len(secret) != keySize {
		return nil, fmt.Errorf("deployment key has %d bytes, not %d", len(secret), keySize)
	}
	derive := func(use string) []byte {
		sub, err := hkdf.Key(sha256.New, secret, nil, "yujing "+use+" 1", keySize)
		if err != nil {
			panic(err) // only for a length that SHA-256 cannot give
		}
		return sub
	}
	k := &Key{name: hex.EncodeToString(derive("name")[:4]), seal: derive("seal")}
	pseudonym := derive("pseudonym")
	k.macs.New = func() any { return &mac{Hash: hmac.New(sha256.New, pseudonym)} }
	return k, nil
}

// Name identifies the key without telling it: eight hex digits. A store
// remembers the name of its key, and no other is taken for it.
func (k *Key) Name() string { return k.name }

// Pseudonym is a keyed hash (HMAC-SHA256, its first 8 bytes) over the normalised
// parts, each with its length before it: all spellings of an identity have one
// pseudonym, and without the key nobody can find the identity by trying. It is 0
// if there is no part or one is empty after [Normalise] (unknown joins nothing)
// and never 0 otherwise.
func (k *Key) Pseudonym(parts ...string) uint64 {
	m := k.macs.Get().(*mac)
	defer k.macs.Put(m)
	m.Reset()
	for _, part := range parts {
		normal := Normalise(part)
		if normal == "" {
			return 0
		}
		m.add(normal)
	}
	if len(parts) == 0 {
		return 0
	}
	return max(1, binary.BigEndian.Uint64(m.Sum(m.sum[:0])))
}

func (m *mac) add(part string) {
	m.buf = binary.BigEndian.AppendUint32(m.buf[:0], uint32(len(part)))
	m.buf = append(m.buf, part...)
	m.Write(m.buf)
}

// MaskRef is [Mask] for a field whose values must stay apart, such as a ref or
// a record id made of a phone number: each identity becomes its token with its
// pseudonym in letters, as in [电话 fkaoghbmdilcnjpe].
func (k *Key) MaskRef(ref string) string {
	return hide(ref, func(token, normal string) string {
		return strings.TrimSuffix(token, "]") + " " + letters(k.Pseudonym(normal)) + "]"
	})
}

// letters writes a pseudonym with a to p for 0 to f: no digit that could be masked again.
func letters(pseudonym uint64) string {
	var b [16]byte
	for i := range b {
		b[i] = 'a' + byte(pseudonym>>(60-4*i)&15)
	}
	return string(b[:])
}

// OpenKey reads the deployment's key, or makes one if there is no such file:
// 32 random bytes, readable by the owner alone. created says that it did, so
// that the caller can say what its loss means ([LossNotice]). A file that group
// or others can read is refused.
func OpenKey(path string) (k *Key, created bool, err error) {
	k, err = readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, false, err
	}
	if err := createKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, false, fmt.Errorf("create deployment key: %w", err)
	} else {
		created = err == nil
	}
	k, err = readKey(path)
	return k, created, err
}

// LossNotice says what the loss or the theft of the key file means, for the
// moment at which it is created.
func LossNotice(path string) string {
	return fmt.Sprintf(`部署密钥已生成:%[1]s(仅本人可读)。请立即备份到别处,勿与数据放在一起。
密钥丢失:已入库的诉求仍可查、可评,但同一来电人的新来件不再与旧件合并,封存的退回记录无法再读。
密钥泄露:得到密钥和数据的人可以逐个试出电话与证件号。
New deployment key: %[1]s (readable by its owner alone). Copy it now to a place apart from the data.
If it is lost, stored matters stay readable and scored, but a complainant's next contact no longer
joins the earlier ones and sealed rejects can never be read. If it leaks, whoever has it and the
data can find phone and ID numbers by trying them all.`, path)
}

func readKey(path string) (*Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open deployment key: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("deployment key %s is a directory; name a file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("deployment key %s can be read or written by others (mode %04o); run: chmod 600 %s", path, mode, path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read deployment key: %w", err)
	}
	secret, err := parseKey(data)
	if err != nil {
		return nil, fmt.Errorf("deployment key %s: %w; restore it from its copy, do not delete it: a new key cannot join new contacts to stored ones", path, err)
	}
	return NewKey(secret)
}

// parseKey finds the line "yujing-key-1 HEX" among comments.
func parseKey(data []byte) ([]byte, error) {
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		word, digits, _ := strings.Cut(line, " ")
		secret, err := hex.DecodeString(strings.TrimSpace(digits))
		if word != keyWord || err != nil || len(secret) != keySize {
			return nil, fmt.Errorf("its line is not %q and %d hex digits", keyWord, 2*keySize)
		}
		return secret, nil
	}
	return nil, errors.New("holds no key")
}

// createKey writes a new key beside path and links it into place, so that the
// file is whole from the moment it has its name and two processes that start
// together agree on one key: the second gets fs.ErrExist.
func createKey(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var secret [keySize]byte
	rand.Read(secret[:])
	temp, err := os.CreateTemp(dir, ".key-*") // CreateTemp gives 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = fmt.Fprintf(temp, "# yujing deployment key. Keep a copy apart from the data; never give it away.\n"+
		"# 预警部署密钥。请另行备份,勿与数据同放,勿外传。\n%s %s\n", keyWord, hex.EncodeToString(secret[:]))
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a new name in a directory survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
