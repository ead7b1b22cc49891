package privacy

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// sealHeader begins what [Key.Seal] gives: two letters and the version of the
// form. Version 1 is AES-256-GCM with a random nonce of 12 bytes in front.
var sealHeader = []byte{'y', 'j', 1}

// ErrSeal says that sealed bytes are damaged, were sealed under another key or
// for another thing. It does not say which: GCM cannot tell.
var ErrSeal = errors.New("cannot be unsealed: damaged, or sealed under another key or for another record")

// Seal encrypts plain so that only this deployment's key reads it again. about
// names what the bytes belong to (a reject's id): under another name they do
// not open. Sealing twice gives different bytes. It adds 31 bytes.
func (k *Key) Seal(plain []byte, about string) []byte {
	sealed := make([]byte, 0, len(sealHeader)+28+len(plain))
	sealed = append(sealed, sealHeader...)
	return k.aead().Seal(sealed, nil, plain, sealedFor(about))
}

// Unseal gives back what [Key.Seal] was given. Its error is [ErrSeal], or tells
// of a newer form.
func (k *Key) Unseal(sealed []byte, about string) ([]byte, error) {
	head, version := sealHeader[:2], len(sealHeader)-1
	switch {
	case len(sealed) < len(sealHeader) || !bytes.HasPrefix(sealed, head):
		return nil, ErrSeal
	case sealed[version] != sealHeader[version]:
		return nil, fmt.Errorf("sealed in form %d, this program reads form %d; use the newer program that sealed it", sealed[version], sealHeader[version])
	}
	plain, err := k.aead().Open(nil, nil, sealed[len(sealHeader):], sealedFor(about))
	if err != nil {
		return nil, ErrSeal
	}
	return plain, nil
}

// sealedFor is the additional data: the form and what the bytes belong to.
func sealedFor(about string) []byte { return append(bytes.Clone(sealHeader), about...) }

func (k *Key) aead() cipher.AEAD {
	block, err := aes.NewCipher(k.seal)
	if err != nil {
		panic(err) // only for a key that is not 32 bytes
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // only for another block size than AES's
	}
	return gcm
}
