// What the help says. A page is a function of the language: all of it goes through t().
import { keepsAwake, sendsInBackground, tellsOfRoom } from "../browser";
import { t } from "../words";

export interface Part {
  heading?: string;
  /** Done one after the other. */
  steps?: string[];
  text?: string[];
}

export interface HelpPage {
  id: string;
  title: string;
  signs?: boolean;
  parts: Part[];
}

export function pages(): HelpPage[] {
  return [record(), boundary(), signs(), noSignal(), correct(), full(), lost(), keep()];
}

function record(): HelpPage {
  return {
    id: "record",
    title: t("How to record"),
    parts: [
      {
        heading: t("A harvest"),
        steps: [
          t("Find the plot: by its name, the farmer's name, the village or a phone number."),
          t("Press “Harvest” and type how much. Crop, unit and form stand there as you chose them last."),
          t("Press “Save on this phone”. The new line stands on top; “Undo” takes it back for ten seconds."),
        ],
      },
      {
        heading: t("A pest or a disease"),
        steps: [
          t("On the plot's page press “Pest or disease”. If you looked and found nothing, say so: that counts too."),
          t("Choose what it is; leave it empty if you do not know. Count the plants you looked at and those that have it."),
          t("Take a picture: what you typed is on the phone before the camera opens."),
        ],
      },
      {
        heading: t("Something half-written"),
        text: [t("Leave a form whenever you like. It stands on the first page under “Not finished” and opens where you stopped, also after the battery died.")],
      },
    ],
  };
}

function boundary(): HelpPage {
  return {
    id: "boundary",
    title: t("How to walk a boundary"),
    parts: [
      {
        steps: [
          t("Stand at a corner with the sky open above you. Wait until the accuracy says 10 m or better."),
          t("Press “Begin to walk” and go along the edge. Keep the app open."),
          keepsAwake
            ? t("The screen stays on by itself while you walk.")
            : t("This browser can't keep the screen on: let it stay on for ten minutes in the phone's settings, or touch it now and then. While it is dark there is no position."),
          t("Stop for a moment at each corner: it becomes sharper."),
          t("Back at the beginning press “Done”: the area stands there. Compare it with what the farmer says, then press “Done” again."),
        ],
      },
      {
        heading: t("When GPS is bad"),
        text: [
          t("Under trees and in gorges fixes are 20 m off and more: they are left out and the app says so. Step into the open and go on."),
          t("If the phone slept, the gap is drawn dotted: go back to where it begins and walk it again."),
          t("Each corner can be moved, added or taken out afterwards. Too steep to walk: tap the corners on the map, or give one point."),
        ],
      },
    ],
  };
}

function signs(): HelpPage {
  return {
    id: "signs",
    title: t("What the signs mean"),
    signs: true,
    parts: [
      { text: [t("The numbers at the top of each page count what needs you and what is only on this phone. They lead to the page “Sending”, which lists both.")] },
    ],
  };
}

function noSignal(): HelpPage {
  return {
    id: "no-signal",
    title: t("No signal"),
    parts: [
      {
        text: [
          t("Go on working. Everything is kept here for as long as it takes, and is sent once, when there is a signal."),
          sendsInBackground
            ? t("This browser sends by itself when it finds a signal, even with the app closed.")
            : t("This browser sends only while Nương is open: open it at the pass and wait until it says that everything has reached the centre."),
          t("A signal of twenty seconds is enough to begin: what got through need not go again."),
          t("If a login page comes in place of the centre (a café, a hotel), nothing is sent and nothing is lost. Sign in there first, or use mobile data."),
        ],
      },
    ],
  };
}

function correct(): HelpPage {
  return {
    id: "correct",
    title: t("Correcting, and when two people disagree"),
    parts: [
      {
        text: [
          t("Open an entry and press “Correct”. Nothing is erased: the earlier value stays in the history with who wrote it and when."),
          t("You and a colleague changed different things: both are kept. You changed the same thing: both values are kept, and ▲ asks somebody to choose."),
          t("The manager asks: the question stands on the first page. Answer where it stands, or correct the entry."),
          t("The centre refused an entry: the page “Sending” says why. Open it there and mend it, send it once more, or give it up."),
        ],
      },
    ],
  };
}

function full(): HelpPage {
  return {
    id: "full",
    title: t("The phone is full"),
    parts: [
      {
        text: [t("Entries need little room, pictures need most of it. When room runs out, Nương says so before anything is lost.")],
      },
      {
        steps: [
          t("Send what waits, over Wi-Fi if there is one: pictures that the centre has may go from here, and go by themselves when room is needed."),
          t("On the page “Sending”, under “This phone”, press “Give room back” and see how much was freed."),
          t("Delete videos, films and apps that you do not need in the phone's own settings. Do not clear the browser's data: that is where Nương keeps your entries."),
          t("No signal and no room: write a safety copy and share it to another phone or a memory card."),
        ],
      },
      tellsOfRoom ? {} : { text: [t("This browser does not say how much room there is. Look in the phone's settings.")] },
    ],
  };
}

function lost(): HelpPage {
  return {
    id: "lost",
    title: t("The phone is lost, broken or stolen"),
    parts: [
      {
        steps: [
          t("Tell your manager at once: the console cuts the phone off with one press. Who finds it can't send or read anything new."),
          t("What had reached the centre is safe. On the next phone, sign in: all of it comes back."),
          t("What had not been sent is only in the lost phone, and in the last safety copy if you wrote one: read it in on the page “Sending”."),
        ],
      },
      {
        text: [t("Many days without a signal ahead? Write a safety copy each evening and share it to a colleague's phone. Reading it in twice makes nothing double.")],
      },
    ],
  };
}

function keep(): HelpPage {
  return {
    id: "keep",
    title: t("How the phone keeps your work"),
    parts: [
      {
        text: [
          t("Browsers may throw data away when the phone is nearly full. They keep it when asked and allowed to: mostly for apps on the home screen and for pages that are used often."),
          t("The page “Sending” says whether yours has promised it. If not: put Nương on the home screen, send often, and write safety copies."),
          t("Safari on an iPhone may remove what a page saved after seven days without a visit, unless Nương is on the home screen."),
          t("A private or incognito window forgets everything when it is closed. Do not work in one."),
        ],
      },
    ],
  };
}
