import { shown } from './shown.ts';

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** What Go's package time takes for a part of the reference time; all else stands for itself. */
const element =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|0[1-6]|002|15|PM|pm|__2|_2(?!006)|[-Z]07(?:0000|:00:00|00|:00)?|[.,](?:0+|9+)(?!\d)|[1-5]/g;
const fraction = /^\.0+$/;

const filled: Readonly<Record<string, (date: Date) => string>> = {
  '2006': (date) => digits(date.getFullYear(), 4),
  '06': (date) => digits(date.getFullYear() % 100, 2),
  January: (date) => monthOf(date),
  Jan: (date) => monthOf(date).slice(0, 3),
  '01': (date) => digits(date.getMonth() + 1, 2),
  '1': (date) => String(date.getMonth() + 1),
  Monday: (date) => dayOf(date),
  Mon: (date) => dayOf(date).slice(0, 3),
  '02': (date) => digits(date.getDate(), 2),
  '2': (date) => String(date.getDate()),
  '002': (date) => digits(dayOfYear(date), 3),
  '15': (date) => digits(date.getHours(), 2),
  '03': (date) => digits(hourOf12(date), 2),
  '3': (date) => String(hourOf12(date)),
  PM: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  pm: (date) => (date.getHours() < 12 ? 'am' : 'pm'),
  '04': (date) => digits(date.getMinutes(), 2),
  '4': (date) => String(date.getMinutes()),
  '05': (date) => digits(date.getSeconds(), 2),
  '5': (date) => String(date.getSeconds()),
};

/** A date as Go's `time.Format` writes it, in the local time zone of the process. The layout must have no problem. */
export function formatDate(layout: string, date: Date): string {
  return layout.replaceAll(element, (found) =>
    fraction.test(found) ? fractionOf(found, date) : (filled[found]?.(date) ?? found),
  );
}

/** What keeps a Go layout from giving a part of a tag, as the end of a sentence; undefined where nothing does. */
export function layoutProblem(layout: string): string | undefined {
  const found = layout.match(element) ?? [];
  if (found.length === 0)
    return 'has nothing of the time that stands for any other, Mon Jan 2 15:04:05 2006: write "2006-01-02"';
  const unfit = found.find((one) => !Object.hasOwn(filled, one) && !fraction.test(one));
  if (unfit !== undefined)
    return `has ${shown(unfit)}, which gives characters that no tag can have or sometimes none`;
  return /^[\w.-]*$/.test(layout.replaceAll(element, ''))
    ? undefined
    : 'may have only letters, digits, "_", "." and "-" between its parts';
}

function monthOf(date: Date): string {
  return months[date.getMonth()] ?? '';
}

function dayOf(date: Date): string {
  return days[date.getDay()] ?? '';
}

function dayOfYear(date: Date): number {
  const year = date.getFullYear();
  return (Date.UTC(year, date.getMonth(), date.getDate()) - Date.UTC(year, 0, 0)) / 86_400_000;
}

function hourOf12(date: Date): number {
  return date.getHours() % 12 || 12;
}

/** As many digits of the second as there are zeros; none are known beyond the third. */
function fractionOf(found: string, date: Date): string {
  const count = found.length - 1;
  return `.${digits(date.getMilliseconds(), 3).padEnd(count, '0').slice(0, count)}`;
}

function digits(number: number, count: number): string {
  return String(number).padStart(count, '0');
}
