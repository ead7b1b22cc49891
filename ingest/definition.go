package ingest

import (
	"time"

	"go.yaml.in/yaml/v3"
)

// definition is a file of sources.d as it is written. The settings of the kind
// of feed stand under the kind's own name and belong to its package.
type definition struct {
	Source string                `yaml:"source"`
	Name   Name                  `yaml:"name"`
	Kind   *yaml.Node            `yaml:"kind"`
	Kinds  map[string]*yaml.Node `yaml:",rest"`

	Zone   *yaml.Node    `yaml:"zone"`  // of times that name none, e.g. Asia/Shanghai
	Times  []string      `yaml:"times"` // layouts of Go's time package; none = every unambiguous form
	Nulls  []string      `yaml:"nulls"` // texts that stand for nothing, e.g. NULL
	Delay  time.Duration `yaml:"delay"` // a signal is known this long after it happened
	Silent time.Duration `yaml:"silent_after"`
	Rests  bool          `yaml:"rests"` // weekends and holidays are no silence

	Record   *yaml.Node `yaml:"record"`  // column, or columns, that tell a record from all others
	Updated  *yaml.Node `yaml:"updated"` // time at which the source last changed the record
	Optional []string   `yaml:"optional"`
	Ignore   []string   `yaml:"ignore"`
	Later    *yaml.Node `yaml:"later"`

	Maps    map[string]map[string]string `yaml:"maps"`
	Signals []signalDefinition           `yaml:"signals"`
}

// Name is what people call a source: Chinese first, English beside it.
type Name struct {
	ZH string `yaml:"zh" json:"zh"`
	EN string `yaml:"en" json:"en,omitempty"`
}

// signalDefinition says how a record becomes one signal. Each node is a column,
// an expression, {is: CONSTANT} or {of: COLUMN, map: TABLE, else: WORD}.
type signalDefinition struct {
	Name *yaml.Node `yaml:"name"`
	Kind *yaml.Node `yaml:"kind"`
	When *yaml.Node `yaml:"when"`

	At      *yaml.Node     `yaml:"at"`
	KnownAt *yaml.Node     `yaml:"known_at"`
	Delay   *time.Duration `yaml:"delay"`

	Ref       *yaml.Node `yaml:"ref"`
	Channel   *yaml.Node `yaml:"channel"`
	Level     *yaml.Node `yaml:"level"`
	Competent *yaml.Node `yaml:"competent"`
	Place     *yaml.Node `yaml:"place"`
	Category  *yaml.Node `yaml:"category"`
	Subject   *yaml.Node `yaml:"subject"`
	Purpose   *yaml.Node `yaml:"purpose"`
	Unit      *yaml.Node `yaml:"unit"`
	People    *yaml.Node `yaml:"people"`
	Text      *yaml.Node `yaml:"text"`
	Act       *yaml.Node `yaml:"act"`
	Due       *yaml.Node `yaml:"due"`
	Rating    *yaml.Node `yaml:"rating"`
	Attrs     *yaml.Node `yaml:"attrs"`

	Who  *yaml.Node `yaml:"who"`
	Link *yaml.Node `yaml:"link"`
	Key  *yaml.Node `yaml:"key"`
}
