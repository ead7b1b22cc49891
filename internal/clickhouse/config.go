package clickhouse

import (
	"errors"
	"fmt"
	"net"
)

// Config says where the store is. Without addresses it is the embedded engine
// in the data directory.
type Config struct {
	Addr     []string `yaml:"addr"`     // HOST:PORT of ClickHouse servers
	Protocol string   `yaml:"protocol"` // native or http; only with addr
	Database string   `yaml:"database"` // that holds our tables; only with addr
	Username string   `yaml:"username"` // of the servers
	Password string   `yaml:"password"` // of the servers
	TLS      bool     `yaml:"tls"`      // whether connections to them are encrypted
	Embedded Embedded `yaml:"embedded"`
}

// Embedded is how the embedded engine runs.
type Embedded struct {
	Library  string `yaml:"library"`   // path of the engine's shared library; "" = where make engine put it
	MemoryMB int    `yaml:"memory_mb"` // cap of the engine's memory; its process peaks at up to 1.6 times this
}

// DefaultConfig is the embedded engine with 1 GB.
func DefaultConfig() Config {
	return Config{Protocol: "native", Database: "default", Embedded: Embedded{MemoryMB: 1024}}
}

// Validate names what cannot work.
func (c Config) Validate() error {
	var errs []error
	if c.Protocol != "native" && c.Protocol != "http" {
		errs = append(errs, fmt.Errorf("protocol %q: use native or http", c.Protocol))
	}
	for _, addr := range c.Addr {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			errs = append(errs, fmt.Errorf("addr %q: write HOST:PORT, such as db.example.org:9000", addr))
		}
	}
	if c.Embedded.MemoryMB < 256 {
		errs = append(errs, fmt.Errorf("embedded.memory_mb %d: the engine needs at least 256", c.Embedded.MemoryMB))
	}
	return errors.Join(errs...)
}
