package config

import (
	"reflect"
	"strings"
)

// UntilRestart gives a newly read configuration as a program that was started
// with running can take it over, and the keys whose change waits for a restart:
// where the daemon listens and stores, and what the store was opened with.
func (c Config) UntilRestart(running Config) (Config, []string) {
	read := c
	c.HTTP, c.Key, c.Inbox = running.HTTP, running.Key, running.Inbox
	c.ClickHouse, c.Retention = running.ClickHouse, running.Retention
	return c, Changed(c, read)
}

// Changed names the keys in which two configurations differ, as in yujing.yaml:
// clickhouse.addr. A list or a table is one key; no value is ever told.
func Changed(a, b Config) []string {
	return changed(nil, "", reflect.ValueOf(a), reflect.ValueOf(b))
}

func changed(keys []string, at string, a, b reflect.Value) []string {
	if a.Kind() != reflect.Struct {
		if !reflect.DeepEqual(a.Interface(), b.Interface()) {
			keys = append(keys, at)
		}
		return keys
	}
	for i := range a.NumField() {
		f := a.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		keys = changed(keys, join(at, keyOf(f)), a.Field(i), b.Field(i))
	}
	return keys
}

// keyOf is the key of a field; one that is decoded apart bears its own name.
func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if key == "" || key == "-" {
		key = strings.ToLower(f.Name)
	}
	return key
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}
