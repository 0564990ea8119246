# Data::MessagePack of Perl: lines of what an event holds in, events behind their lengths out.
use strict;
use warnings;
use Data::MessagePack;
binmode STDOUT;
my $packer = Data::MessagePack->new;
while (my $line = <STDIN>) {
    chomp $line;
    my ($id, $type, $subject, $key, $form, $value) = split /\t/, $line, -1;
    utf8::decode($value) if $form eq 'text'; # with the flag; "bytes" are without it
    my %made = (nil => undef, empty => '', text => $value, bytes => $value);
    my $event = {
        id => $id, source => 'encoder', type => $type, subject => $subject,
        data => {
            customer => "c-$id", channel => 'phone', unit => 'xj/urumqi/d3',
            $key => $form eq 'number' ? 0 + $value : $made{$form},
        },
    };
    my $bytes = $packer->pack($event);
    print pack('N', length $bytes), $bytes;
}
