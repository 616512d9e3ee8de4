/** A small set of emoji with the words they are found by. Loaded when the picker first opens. */

export interface Emoji {
  emoji: string;
  words: string;
}

interface Group {
  name: string;
  all: Emoji[];
}

function group(name: string, lines: string): Group {
  const all = lines
    .trim()
    .split("\n")
    .map((line) => {
      const [emoji = "", ...words] = line.trim().split(" ");
      return { emoji, words: words.join(" ") };
    });
  return { name, all };
}

export const EMOJI: readonly Group[] = [
  group(
    "smileys",
    `😀 grin happy smile
    😄 smile happy joy
    😁 beam grin happy
    😅 sweat relief phew
    😂 tears laugh joy lol
    🤣 rolling laugh lol
    🙂 slight smile
    🙃 upside down silly
    😉 wink
    😊 blush happy smile
    😇 angel halo innocent
    🥰 love hearts adore
    😍 heart eyes love
    😘 kiss
    😋 yum tasty
    😜 tongue wink silly
    🤪 zany crazy
    🤗 hug
    🤔 thinking hmm
    🤨 eyebrow doubt
    😐 neutral meh
    😶 silent speechless
    😏 smirk
    🙄 eye roll
    😬 grimace awkward
    😌 relieved calm
    😴 sleep tired
    🤒 sick ill
    🤕 hurt injured
    🥳 party celebrate birthday
    😎 cool sunglasses
    🤓 nerd glasses
    😕 confused unsure
    😟 worried
    😮 surprised wow
    😳 flushed embarrassed
    🥺 pleading please
    😢 cry sad tear
    😭 sob cry sad
    😤 steam frustrated
    😡 angry mad
    🤯 mind blown
    😱 scream shock
    😓 downcast sweat sorry
    🫠 melting
    🫡 salute yes`,
  ),
  group(
    "gestures",
    `👍 thumbs up yes good ok
    👎 thumbs down no bad
    👌 ok perfect
    ✌️ peace victory
    🤞 fingers crossed luck
    🤝 handshake deal agree
    👏 clap applause bravo
    🙌 hooray praise
    🙏 please thanks pray
    👋 wave hello bye
    💪 strong muscle
    👉 point right
    👈 point left
    👆 point up
    👇 point down
    ☝️ one up
    ✍️ writing
    🤙 call
    🫶 heart hands love
    👀 eyes look see
    🧠 brain smart
    🤷 shrug dunno
    🤦 facepalm
    🙋 raise hand question
    💁 info tip
    🕺 dance man
    💃 dance woman`,
  ),
  group(
    "hearts",
    `❤️ red heart love
    🧡 orange heart
    💛 yellow heart
    💚 green heart
    💙 blue heart
    💜 purple heart
    🖤 black heart
    🤍 white heart
    💔 broken heart
    💕 two hearts
    ✨ sparkles new shiny
    ⭐ star
    🌟 glowing star
    🔥 fire hot lit
    💯 hundred perfect
    🎉 party tada celebrate
    🎊 confetti
    🎁 gift present
    🎂 cake birthday
    🏆 trophy win
    🥇 gold first
    🎯 target bullseye
    🚀 rocket launch ship
    💡 idea bulb
    ⚡ fast lightning`,
  ),
  group(
    "objects",
    `✅ check done yes
    ☑️ tick done
    ❌ cross no wrong
    ❗ exclamation important
    ❓ question
    ⚠️ warning careful
    🚫 forbidden no
    ℹ️ information info
    ⏳ hourglass wait
    ⌛ hourglass done
    ⏰ alarm clock time
    📅 calendar date
    📌 pin
    📎 paperclip attach
    🔗 link
    📝 memo note write
    📄 page document
    📦 package parcel delivery
    🚚 truck delivery shipping
    🛒 cart shop
    🛍️ bags shopping
    💳 card payment
    💰 money
    💶 euro money
    💵 dollar money
    🧾 receipt invoice
    🏷️ label tag price
    📧 email mail
    📞 phone call
    📱 mobile phone
    💻 laptop computer
    🖨️ printer
    🔒 lock secure
    🔓 unlock
    🔑 key
    🔍 search find
    🔧 wrench fix
    🛠️ tools fix repair
    ⚙️ gear settings
    🐛 bug
    🔔 bell notify
    🔕 bell off mute
    🎵 music note
    📷 camera photo
    🎬 film video
    🌐 web globe`,
  ),
  group(
    "nature",
    `☀️ sun sunny
    🌤️ cloud sun
    🌧️ rain
    ❄️ snow cold
    🌈 rainbow
    🌊 wave sea
    🌱 plant grow
    🌸 blossom flower
    🌹 rose flower
    🍀 clover luck
    🐶 dog
    🐱 cat
    🦄 unicorn
    🐢 turtle slow
    🐝 bee
    🦋 butterfly
    ☕ coffee
    🍵 tea
    🍺 beer
    🥂 cheers toast
    🍕 pizza
    🍔 burger
    🥗 salad
    🍎 apple
    🍓 strawberry
    🍪 cookie
    🍫 chocolate
    🏠 home house
    🏢 office building
    🏖️ beach holiday
    ✈️ plane travel
    🚗 car
    🚲 bike
    🗺️ map
    ⚽ football soccer
    🎮 game`,
  ),
];

/** Those whose words begin with every word of `query`. */
export function findEmoji(query: string): Emoji[] {
  const asked = query.toLowerCase().split(/\s+/).filter(Boolean);
  return EMOJI.flatMap((one) => one.all).filter(({ emoji, words }) =>
    asked.every(
      (word) => emoji === word || words.split(" ").some((known) => known.startsWith(word)),
    ),
  );
}
