<?php
// msgpack of PHP: lines of what an event holds in, events behind their lengths out.
while (($line = fgets(STDIN)) !== false) {
    [$id, $type, $subject, $key, $form, $value] = explode("\t", rtrim($line, "\n"));
    $made = ['nil' => null, 'empty' => '', 'number' => (int)$value, 'text' => $value, 'bytes' => $value][$form];
    $bytes = msgpack_pack(['id' => $id, 'source' => 'encoder', 'type' => $type, 'subject' => $subject,
        'data' => ['customer' => "c-$id", 'channel' => 'phone', 'unit' => 'xj/urumqi/d3', $key => $made]]);
    echo pack('N', strlen($bytes)), $bytes;
}
