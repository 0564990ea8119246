# msgpack of Ruby: lines of what an event holds in, events behind their lengths out.
require 'msgpack'
$stdout.binmode
STDIN.each_line(chomp: true) do |line|
  id, type, subject, key, form, value = line.force_encoding('UTF-8').split("\t", -1)
  made = { 'nil' => nil, 'empty' => '', 'number' => value.to_i, 'text' => value,
           'bytes' => value.b }[form]
  event = { 'id' => id, 'source' => 'encoder', 'type' => type, 'subject' => subject,
            'data' => { 'customer' => "c-#{id}", 'channel' => 'phone', 'unit' => 'xj/urumqi/d3', key => made } }
  bytes = event.to_msgpack
  $stdout.write([bytes.bytesize].pack('N'), bytes)
end
